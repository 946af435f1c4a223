//! Published models of a tumour and the immune cells that attack it, as printed: without a patient,
//! pharmacokinetics or lesions, and with their own numbers.
//!
//! [`equations`] contains the networks, in logarithms of the populations, [`steady`] the steady
//! states, and [`bifurcation`] the values of a number at which these change.

pub mod bifurcation;
pub mod equations;
pub mod steady;

/// A published model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Classic {
    /// Effectors, tumour and interleukin-2 (Kirschner and Panetta 1998).
    KirschnerPanetta1998,
    /// Effectors and tumour (Kuznetsov et al. 1994).
    Kuznetsov1994,
    /// Tumour, NK and CD8 T cells (de Pillis et al. 2005).
    DePillis2005,
    /// The same with circulating lymphocytes, interleukin-2 and chemotherapy (de Pillis et al. 2009).
    DePillis2009,
}

impl Classic {
    /// All published models.
    pub const ALL: [Self; 4] =
        [Self::KirschnerPanetta1998, Self::Kuznetsov1994, Self::DePillis2005, Self::DePillis2009];

    /// Name of the model in the library.
    pub fn name(self) -> &'static str {
        match self {
            Self::KirschnerPanetta1998 => "kirschner-panetta-1998",
            Self::Kuznetsov1994 => "kuznetsov-1994",
            Self::DePillis2005 => "de-pillis-2005",
            Self::DePillis2009 => "de-pillis-2009",
        }
    }

    /// The model with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.name() == name)
    }

    /// The unit of the model's tumour.
    pub fn tumour_unit(self) -> &'static str {
        match self {
            Self::KirschnerPanetta1998 => "volume units",
            _ => "cells",
        }
    }

    /// Populations of the model, the tumour first: in cells (in [`Classic::KirschnerPanetta1998`]
    /// in volume units), interleukin-2 in the units of the paper (IU/L in
    /// [`Classic::DePillis2009`]).
    pub fn populations(self) -> &'static [&'static str] {
        match self {
            Self::KirschnerPanetta1998 => &["tumour", "effectors", "il2"],
            Self::Kuznetsov1994 => &["tumour", "effectors"],
            Self::DePillis2005 => &["tumour", "nk", "cd8"],
            Self::DePillis2009 => &["tumour", "nk", "cd8", "lymphocytes", "il2", "chemotherapy"],
        }
    }
}
