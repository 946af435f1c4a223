//! Published numbers against simulated ones (to be filled in next).
