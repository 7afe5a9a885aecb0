//! Ours with the feature, which it does not offer.

fn main() {
    course::run::<contestant_eversocket::Plain<()>>();
}
