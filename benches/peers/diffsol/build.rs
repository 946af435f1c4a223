//! Links the object file that `run` has compiled from the workloads' laws in C.
fn main() {
    println!("cargo:rustc-link-search=native={}", std::env::var("PEER_LAWS").unwrap());
    println!("cargo:rustc-link-lib=static=laws");
    println!("cargo:rerun-if-env-changed=PEER_LAWS");
}
