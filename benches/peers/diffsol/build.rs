//! Links the object that `run` has compiled from the C laws of the workloads.
fn main() {
    println!("cargo:rustc-link-search=native={}", std::env::var("PEER_LAWS").unwrap());
    println!("cargo:rustc-link-lib=static=laws");
    println!("cargo:rerun-if-env-changed=PEER_LAWS");
}
