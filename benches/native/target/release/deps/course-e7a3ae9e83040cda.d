/tmp/wt-benches/benches/native/target/release/deps/course-e7a3ae9e83040cda.d: course/src/lib.rs course/src/job.rs

/tmp/wt-benches/benches/native/target/release/deps/libcourse-e7a3ae9e83040cda.rlib: course/src/lib.rs course/src/job.rs

/tmp/wt-benches/benches/native/target/release/deps/libcourse-e7a3ae9e83040cda.rmeta: course/src/lib.rs course/src/job.rs

course/src/lib.rs:
course/src/job.rs:
