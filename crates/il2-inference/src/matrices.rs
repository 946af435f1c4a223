//! Matrices are solved on the calling thread.

/// Prevents the linear algebra library from starting its own threads, in addition to those that a
/// user allowed. The matrices of fits are small.
pub fn on_one_thread() {
    faer::set_global_parallelism(faer::Par::Seq);
}
