//! Levels of reasoning effort, and sets of them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How much a model is to reason, from nothing to everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Not at all.
    None,
    /// Hardly.
    Minimal,
    /// Little.
    Low,
    /// The usual.
    Medium,
    /// Much.
    High,
    /// Very much.
    Xhigh,
    /// As much as it can.
    Max,
}

use Effort::{High, Low, Max, Medium, Minimal, Xhigh};

impl Effort {
    /// Every level, in order.
    pub const ALL: [Effort; 7] = [Effort::None, Minimal, Low, Medium, High, Xhigh, Max];

    /// The level of this name.
    pub fn named(name: &str) -> Option<Effort> {
        Effort::ALL.into_iter().find(|level| level.name() == name)
    }

    /// Its name, as calls spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Effort::None => "none",
            Minimal => "minimal",
            Low => "low",
            Medium => "medium",
            High => "high",
            Xhigh => "xhigh",
            Max => "max",
        }
    }
}

/// A set of levels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Efforts(u8);

impl Efforts {
    /// These levels.
    pub const fn of(levels: &[Effort]) -> Efforts {
        let (mut bits, mut at) = (0, 0);
        while at < levels.len() {
            bits |= 1 << levels[at] as u8;
            at += 1;
        }
        Efforts(bits)
    }

    /// From one level to another, both included.
    pub const fn range(least: Effort, most: Effort) -> Efforts {
        let (mut bits, mut at) = (0, least as u8);
        while at <= most as u8 {
            bits |= 1 << at;
            at += 1;
        }
        Efforts(bits)
    }

    /// Whether a level is in it.
    pub const fn has(self, level: Effort) -> bool {
        self.0 & (1 << level as u8) != 0
    }

    /// The same set with a level in it, or not.
    #[must_use]
    pub const fn set(self, level: Effort, there: bool) -> Efforts {
        match there {
            true => Efforts(self.0 | (1 << level as u8)),
            false => Efforts(self.0 & !(1 << level as u8)),
        }
    }

    /// Its levels, in order.
    pub fn levels(self) -> impl Iterator<Item = Effort> {
        Effort::ALL
            .into_iter()
            .filter(move |level| self.has(*level))
    }

    /// The level of the set that is nearest to another; of two, the lower.
    pub fn nearest(self, wanted: Effort) -> Option<Effort> {
        self.levels()
            .min_by_key(|level| (*level as u8).abs_diff(wanted as u8))
    }

    /// `low, medium, high`.
    pub fn names(self) -> String {
        let names: Vec<&str> = self.levels().map(Effort::name).collect();
        names.join(", ")
    }
}

impl Serialize for Efforts {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.levels())
    }
}

impl<'de> Deserialize<'de> for Efforts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Efforts::of(&Vec::<Effort>::deserialize(from)?))
    }
}
