//! The build script of packages that are compiled with defects in them.

#[expect(clippy::print_stdout, reason = "that is how it tells")]
fn main() {
    println!("cargo::rustc-cfg=flawed");
    println!("cargo::rerun-if-changed=../flawed.rs");
}
