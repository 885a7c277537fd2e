//! Reads the messages of wave buoys.

use std::fmt;
use std::str::FromStr;

/// What a buoy measures in half an hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The mean of the highest third of the waves, in metres.
    pub height: f64,
    /// In seconds.
    pub period: f64,
}

#[derive(Debug)]
pub enum Error {
    Fields(usize),
    Number(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Fields(n) => write!(f, "expected two fields, got {n}"),
            Error::Number(field) => write!(f, "not a number: {field:?}"),
        }
    }
}

impl FromStr for Report {
    type Err = Error;

    /// Reads `height;period`.
    fn from_str(line: &str) -> Result<Self, Error> {
        let fields: Vec<&str> = line.trim().split(';').collect();
        let [height, period] = fields[..] else {
            return Err(Error::Fields(fields.len()));
        };
        let number = |field: &str| {
            field
                .parse::<f64>()
                .map_err(|_| Error::Number(field.to_owned()))
        };
        Ok(Report {
            height: number(height)?,
            period: number(period)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read() {
        let report: Report = "1.8;6.5\n".parse().unwrap();
        assert_eq!(report.height, 1.8);
    }
}
