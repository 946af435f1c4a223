//! Search for the dose, or the time between doses, with which enough patients meet all
//! requirements.

pub mod edges;
pub mod figure;
pub mod plan;
pub mod read;
pub mod report;
pub mod sentence;
pub mod tries;

#[cfg(test)]
mod tests;
