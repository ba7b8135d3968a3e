use std::fmt;
use std::str::FromStr;

/// A part of the spool, with segments and a quota of its own.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Area {
    /// Delivered in order once the destination answers again.
    Waiting,
    /// Waits for an operator's change; blocks nobody.
    SetAside,
    /// Refused for good; an operator decides.
    Dead,
}

impl Area {
    /// All of them, the furthest along last.
    pub const EACH: [Self; 3] = [Self::Waiting, Self::SetAside, Self::Dead];

    /// The area as one lower-case word, for answers, logs, labels and directories.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::SetAside => "set-aside",
            Self::Dead => "dead",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Area {
    type Err = UnknownArea;

    fn from_str(text: &str) -> Result<Self, UnknownArea> {
        let named = |area: &Self| area.as_str() == text;
        Self::EACH.into_iter().find(named).ok_or(UnknownArea)
    }
}

/// A text that names no [`Area`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("read an area, which is \"waiting\", \"set-aside\" or \"dead\"")]
pub struct UnknownArea;

/// One value for each area.
#[derive(Clone, Debug, Default)]
pub(crate) struct PerArea<T> {
    waiting: T,
    set_aside: T,
    dead: T,
}

impl<T> PerArea<T> {
    pub(crate) fn try_new<E>(mut make: impl FnMut(Area) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self {
            waiting: make(Area::Waiting)?,
            set_aside: make(Area::SetAside)?,
            dead: make(Area::Dead)?,
        })
    }

    pub(crate) fn of(&self, area: Area) -> &T {
        match area {
            Area::Waiting => &self.waiting,
            Area::SetAside => &self.set_aside,
            Area::Dead => &self.dead,
        }
    }

    pub(crate) fn of_mut(&mut self, area: Area) -> &mut T {
        match area {
            Area::Waiting => &mut self.waiting,
            Area::SetAside => &mut self.set_aside,
            Area::Dead => &mut self.dead,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Area;

    #[test]
    fn names_read_back_and_nothing_else_is_an_area() {
        for area in Area::EACH {
            assert_eq!(area.to_string().parse(), Ok(area));
        }
        for text in ["", "Waiting", "set_aside", "dead "] {
            text.parse::<Area>().unwrap_err();
        }
    }
}
