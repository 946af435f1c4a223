//! A part that several laws have in common and that is computed once.

use super::Expression;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// A law that other laws read without repeating it. Laws that read one another in a chain would
/// otherwise double with each link if each reads the one before it twice.
#[derive(Clone)]
pub struct Shared(Arc<Part>);

struct Part {
    law: Expression,
    key: SharedKey,
    depth: usize,
}

/// Two shared parts with the same key are the same law. The key is made from the law alone, so that
/// it is the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedKey([u8; 16]);

impl Shared {
    /// Shares a law.
    pub fn new(law: Expression) -> Self {
        // Shared parts of the law are printed as their keys, which keeps the text short.
        let hash = Sha256::digest(format!("{law:?}"));
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        let depth = law.size().1;
        Self(Arc::new(Part { law, key: SharedKey(key), depth }))
    }

    /// The law.
    pub fn law(&self) -> &Expression {
        &self.0.law
    }

    /// What identifies the law.
    pub fn key(&self) -> SharedKey {
        self.0.key
    }

    /// The depth of the law with all parts that it shares.
    pub fn depth(&self) -> usize {
        self.0.depth
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Shared(")?;
        self.0.key.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, ")")
    }
}
