//! Matrices are solved on the thread that asks.

/// Keeps the library of linear algebra from threads of its own, which would come on top of those a user asked for.
/// Matrices of fits are small.
pub fn on_one_thread() {
    faer::set_global_parallelism(faer::Par::Seq);
}
