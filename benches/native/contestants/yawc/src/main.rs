//! yawc.

fn main() {
    course::run::<contestant_yawc::Client<()>>();
}
