//! Ours, plain.

fn main() {
    course::run::<contestant_eversocket::Plain<()>>();
}
