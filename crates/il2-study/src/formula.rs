//! Formulas in a study: `CL = CL * (WT / 70)^0.75`.

use il2_engine::words::shown;
use il2_engine::{Expression, ParameterId};

/// Largest number of characters of a formula; a longer one would be unreadable.
const LONGEST: usize = 1000;
/// Greatest nesting of brackets, signs and powers.
const DEEPEST: usize = 50;

/// Reads `NAME = EXPRESSION`; `name` looks up the index of a name. Allowed are numbers, names,
/// brackets, `+ - * / ^`, comparisons (1 where true, 0 where not), `exp ln log sqrt min max`.
///
/// # Errors
/// The error: what is wrong, and what is allowed there.
pub fn assignment(
    text: &str,
    name: &mut dyn FnMut(&str) -> Result<ParameterId, String>,
) -> Result<(ParameterId, Expression), String> {
    if text.len() > LONGEST {
        return Err(format!("has {} characters; at most {LONGEST} are allowed", text.len()));
    }
    let Some((target, rest)) = text.split_once('=').filter(|(_, rest)| !rest.starts_with('='))
    else {
        return Err("assigns nothing; write for example \"CL = CL * (WT / 70)^0.75\"".into());
    };
    let target = target.trim();
    if !is_name(target) {
        return Err(format!("assigns a value to \"{}\", which is not a name", shown(target)));
    }
    let target = name(target)?;
    let mut reader = Reader { rest, name, depth: 0 };
    let expression = reader.comparison()?;
    match reader.peek() {
        None => Ok((target, expression)),
        Some(_) => Err(reader.unread()),
    }
}

fn is_name(text: &str) -> bool {
    let mut all = text.chars();
    all.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_') && all.all(is_of_a_name)
}

/// Whether a name in a formula may contain a character. Names of a patient's parameters contain dots:
/// `treg.growth`.
pub fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '.'
}

struct Reader<'a> {
    rest: &'a str,
    name: &'a mut dyn FnMut(&str) -> Result<ParameterId, String>,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, word: &str) -> bool {
        self.rest = self.rest.trim_start();
        let after = self.rest.strip_prefix(word);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn comparison(&mut self) -> Result<Expression, String> {
        let left = self.sum()?;
        let [one, zero] = [1.0, 0.0].map(Expression::Number);
        let at_least = |left: Expression, right: Expression, then: Expression, not: Expression| {
            Expression::WhereAtLeast {
                left: Box::new(left),
                right: Box::new(right),
                then: Box::new(then),
                otherwise: Box::new(not),
            }
        };
        for word in ["==", "!=", "<=", ">=", "<", ">"] {
            if !self.take(word) {
                continue;
            }
            let right = self.sum()?;
            let equal = |yes: Expression, no: Expression| {
                let back = at_least(right.clone(), left.clone(), yes, no.clone());
                at_least(left.clone(), right.clone(), back, no)
            };
            return Ok(match word {
                "==" => equal(one, zero),
                "!=" => equal(zero, one),
                ">=" => at_least(left, right, one, zero),
                "<" => at_least(left, right, zero, one),
                "<=" => at_least(right, left, one, zero),
                _ => at_least(right, left, zero, one),
            });
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Expression, String> {
        let mut all = self.product()?;
        loop {
            match self.peek() {
                Some('+') if self.take("+") => all = all + self.product()?,
                Some('-') if self.take("-") => all = all - self.product()?,
                _ => return Ok(all),
            }
        }
    }

    fn product(&mut self) -> Result<Expression, String> {
        let mut all = self.signed()?;
        loop {
            match self.peek() {
                Some('*') if self.rest.starts_with("**") => return Ok(all),
                Some('*') if self.take("*") => all = all * self.signed()?,
                Some('/') if self.take("/") => all = all / self.signed()?,
                _ => return Ok(all),
            }
        }
    }

    fn signed(&mut self) -> Result<Expression, String> {
        self.deeper()?;
        let found = match self.take("-") {
            true => self.signed().map(|e| Expression::Number(0.0) - e),
            false => self.power(),
        };
        self.depth -= 1;
        found
    }

    fn power(&mut self) -> Result<Expression, String> {
        let base = self.atom()?;
        // The power operators of FORTRAN and R.
        if self.take("**") || self.take("^") {
            let exponent = self.signed()?;
            return Ok(Expression::Power(Box::new(base), Box::new(exponent)));
        }
        Ok(base)
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        match self.depth > DEEPEST {
            true => Err(format!("has brackets nested more than {DEEPEST} deep")),
            false => Ok(()),
        }
    }

    fn atom(&mut self) -> Result<Expression, String> {
        let Some(first) = self.peek() else {
            return Err("ends where a number, a name or a bracket is needed".into());
        };
        if first == '(' {
            self.take("(");
            let inside = self.comparison()?;
            return self.closed(inside);
        }
        let end =
            |rest: &str, fits: &dyn Fn(char) -> bool| rest.find(|c| !fits(c)).unwrap_or(rest.len());
        if first.is_ascii_digit() || first == '.' {
            let mut length = end(self.rest, &|c| c.is_ascii_digit() || c == '.');
            let after = &self.rest[length..];
            if let Some(power) = after.strip_prefix(['e', 'E']) {
                let sign = usize::from(power.starts_with(['+', '-']));
                let digits = end(&power[sign..], &|c| c.is_ascii_digit());
                if digits > 0 {
                    length += 1 + sign + digits;
                }
            }
            let (text, rest) = self.rest.split_at(length);
            let number = text.parse::<f64>().ok().filter(|n| n.is_finite());
            let number =
                number.ok_or_else(|| format!("contains {}, which is not a number", shown(text)))?;
            self.rest = rest;
            return Ok(Expression::Number(number));
        }
        let length = end(self.rest, &is_of_a_name);
        let fortran = [".eq.", ".ne.", ".lt.", ".le.", ".gt.", ".ge.", ".and.", ".or."];
        let lower = self.rest[..length].to_ascii_lowercase();
        // `SEX.EQ.2` is no name.
        let length = fortran.iter().filter_map(|word| lower.find(word)).min().unwrap_or(length);
        let (word, rest) = self.rest.split_at(length);
        if !is_name(word) {
            return Err(format!(
                "cannot be read from \"{}\" onwards; use numbers, names, brackets, + - * / ^, \
                 comparisons, and exp, ln, sqrt, min, max",
                shown(self.rest.trim())
            ));
        }
        self.rest = rest;
        if self.peek() != Some('(') {
            return (self.name)(word).map(Expression::from);
        }
        self.take("(");
        let inside = self.comparison()?;
        let half = || Box::new(Expression::Number(0.5));
        let found = match word.to_ascii_lowercase().as_str() {
            "exp" => Expression::Exponential(Box::new(inside)),
            "ln" | "log" => Expression::Logarithm(Box::new(inside)),
            "sqrt" => Expression::Power(Box::new(inside), half()),
            both @ ("min" | "max") => {
                if !self.take(",") {
                    return Err(format!("needs two numbers, as in {both}(a, b)"));
                }
                let other = Box::new(self.comparison()?);
                match both {
                    "min" => Expression::Minimum(Box::new(inside), other),
                    _ => Expression::Maximum(Box::new(inside), other),
                }
            }
            "if" | "ifelse" => {
                return Err("contains if( ), which does not exist; a condition is 1 where it is \
                            true and 0 elsewhere: multiply by it, as in 1 + female * (SEX == 2)"
                    .into());
            }
            _ => {
                let word = shown(word);
                return Err(format!(
                    "contains the unknown function {word}( ); use exp, ln, sqrt, min or max"
                ));
            }
        };
        self.closed(found)
    }

    fn closed(&mut self, inside: Expression) -> Result<Expression, String> {
        match self.take(")") {
            true => Ok(inside),
            false if self.peek().is_none() => Err("has a bracket that is not closed".into()),
            false => Err(self.unread()),
        }
    }

    /// What the rest may have been meant as: conditions of other languages.
    fn unread(&mut self) -> String {
        let rest = self.rest.trim();
        let lower = rest.to_ascii_lowercase();
        let begins = |all: &[&str]| all.iter().any(|word| lower.starts_with(word));
        let hint = if begins(&["=", ".eq."]) {
            "; a comparison for equality is written ==, as in (SEX == 2)"
        } else if begins(&[".ne.", "<>", "/="]) {
            "; a comparison for inequality is written !=, as in (SEX != 2)"
        } else if begins(&[".lt.", ".le.", ".gt.", ".ge."]) {
            "; comparisons are written <, <=, > and >="
        } else if begins(&["&", "and ", ".and."]) {
            "; a condition is 1 where it is true and 0 elsewhere, so \"and\" is a product: \
             (SEX == 2) * (AGE > 65)"
        } else if begins(&["|", "or ", ".or."]) {
            "; a condition is 1 where it is true and 0 elsewhere, so \"or\" is max((SEX == 2), \
             (AGE > 65))"
        } else if begins(&["?", "if ", "if(", "else"]) {
            "; a condition is 1 where it is true and 0 elsewhere: multiply by it, as in \
             1 + female * (SEX == 2)"
        } else {
            ""
        };
        format!("cannot be read from \"{}\" onwards{hint}", shown(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<f64, String> {
        let known = ["CL", "WT", "SEX"];
        let mut name = |name: &str| {
            let place = known.iter().position(|k| *k == name);
            place.map(ParameterId).ok_or_else(|| format!("unknown {name}"))
        };
        let (target, expression) = assignment(text, &mut name)?;
        assert_eq!(target, ParameterId(0));
        Ok(expression.value(&[], &[2.0, 35.0, 1.0], 0.0))
    }

    #[test]
    fn formulas_mean_what_they_say() {
        for (text, wanted) in [
            ("CL = CL * (WT / 70)^0.75", 2.0 * 0.5_f64.powf(0.75)),
            ("CL=CL*(WT/70)**0.75", 2.0 * 0.5_f64.powf(0.75)),
            ("CL = 1 + 2 * 3 - 4 / 2", 5.0),
            ("CL = 2^3^2", 512.0),
            ("CL = -2^2", -4.0),
            ("CL = 2 * -CL", -4.0),
            ("CL = CL * (1 + 0.2 * (SEX == 1))", 2.4),
            ("CL = CL * (1 + 0.2 * (SEX != 1))", 2.0),
            ("CL = (WT > 35) + (WT >= 35) + (WT < 35) + (WT <= 35)", 2.0),
            ("CL = exp(ln(5)) + sqrt(16) + min(1, 2) + max(1, 2)", 12.0),
            ("CL = 1.5e1 + 2E-1", 15.2),
        ] {
            let found = value(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert!((found - wanted).abs() < 1e-12, "{text}: {found} {wanted}");
        }
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        for (text, wanted) in [
            ("CL * 2", "assigns nothing"),
            ("CL == 2", "assigns nothing"),
            ("2 = CL", "is not a name"),
            ("CL = ", "ends where"),
            ("CL = (WT", "bracket"),
            ("CL = AGE", "unknown AGE"),
            ("CL = sin(2)", "unknown function sin"),
            ("CL = 2 $ 3", "cannot be read"),
            ("CL = 1..2", "not a number"),
            ("CL = 1e999", "not a number"),
            ("CL = min(1)", "two numbers"),
            ("CL = CL * (1 + 0.2 * (SEX = 1))", "written =="),
            ("CL = CL * (1 + 0.2 * (SEX .EQ. 1))", "written =="),
            ("CL = CL * (1 + 0.2 * (SEX.EQ.1))", "written =="),
            ("CL = CL * (SEX == 1 && WT > 70)", "(SEX == 2) * (AGE > 65)"),
            ("CL = CL * (SEX == 1 and WT > 70)", "is a product"),
            ("CL = CL * (SEX == 1) & (WT > 70)", "is a product"),
            ("CL = CL * (SEX == 1 || WT > 70)", "max("),
            ("CL = if(SEX == 1, 2, 3)", "multiply by it"),
            ("CL = CL * (SEX == 1 ? 2 : 1)", "multiply by it"),
            ("CL = CL * (SEX <> 1)", "cannot be read"),
        ] {
            let why = value(text).expect_err(text);
            assert!(why.contains(wanted), "{text}: {why}");
        }
        let deep = format!("CL = {}1{}", "(".repeat(400), ")".repeat(400));
        assert!(value(&deep).expect_err("deep").contains("brackets"));
    }
}
