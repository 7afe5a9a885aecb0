//! Rules that are best shown alone, in virtual time.
