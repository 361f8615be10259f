//! A platform in the process, its clock in the hands of the test.

mod clock;
