//! From text to expression: lexer and recursive descent, bounded in length and depth.

use super::expression::{Expr, Function, MAX_EXPRESSION_BYTES, Operator, Statistic};
use crate::decimal::Decimal;
use crate::exact::Exact;
use crate::ids::CriterionId;

/// The deepest nesting.
const MAX_DEPTH: usize = 64;

/// The deepest tree, which every walk over it descends.
const MAX_TREE: usize = 256;

/// Why a text is not an expression. Columns count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Longer than [`MAX_EXPRESSION_BYTES`].
    #[error("an expression has at most {MAX_EXPRESSION_BYTES} bytes")]
    TooLong,
    /// Nested deeper than 64.
    #[error("column {column}: nested too deeply")]
    TooDeep {
        /// Where.
        column: usize,
    },
    /// Something else stands where this was wanted.
    #[error("column {column}: {wanted} is wanted, {found} stands there")]
    Unexpected {
        /// Where.
        column: usize,
        /// What was wanted.
        wanted: String,
        /// What stands there.
        found: String,
    },
    /// A function that there is not.
    #[error("column {column}: there is no function `{name}`")]
    UnknownFunction {
        /// Where.
        column: usize,
        /// Its name.
        name: String,
    },
    /// A function with too many or too few arguments.
    #[error("column {column}: `{name}` takes {wanted} arguments, {found} stand there")]
    Arguments {
        /// Where.
        column: usize,
        /// Its name.
        name: String,
        /// How many it takes, in words.
        wanted: String,
        /// How many there are.
        found: usize,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Number(Exact),
    Name(String),
    Quoted(String),
    Sign(&'static str),
    End,
}

impl Token {
    fn words(&self) -> String {
        match self {
            Self::Number(value) => format!("the number {value}"),
            Self::Name(name) => format!("`{name}`"),
            Self::Quoted(text) => format!("\"{text}\""),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [&str; 15] = [
    "<=", ">=", "!=", "<", ">", "=", "+", "-", "*", "/", "(", ")", ",", "%", "×",
];

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ExpressionError> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let column = text[..text.len() - rest.len()].chars().count() + 1;
        let Some(first) = rest.chars().next() else {
            found.push((column, Token::End));
            return Ok(found);
        };
        let unexpected = |wanted: &str, stands: String| ExpressionError::Unexpected {
            column,
            wanted: wanted.to_owned(),
            found: stands,
        };
        let (token, length) = if first.is_ascii_digit() {
            let length = rest
                .find(|c: char| !(c.is_ascii_digit() || c == '.'))
                .unwrap_or(rest.len());
            let number: Decimal = rest[..length]
                .parse()
                .map_err(|_| unexpected("a decimal number", format!("`{}`", &rest[..length])))?;
            (Token::Number(number.exact()), length)
        } else if first.is_ascii_alphabetic() || first == '_' {
            let length = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            (Token::Name(rest[..length].to_owned()), length)
        } else if first == '"' {
            let inside = &rest[1..];
            let length = inside
                .find('"')
                .ok_or_else(|| unexpected("a closing quotation mark", "none".to_owned()))?;
            (Token::Quoted(inside[..length].to_owned()), length + 2)
        } else {
            let sign = SIGNS
                .into_iter()
                .find(|sign| rest.starts_with(sign))
                .ok_or_else(|| unexpected("a number, a name or a sign", format!("`{first}`")))?;
            (Token::Sign(if sign == "×" { "*" } else { sign }), sign.len())
        };
        found.push((column, token));
        rest = &rest[length..];
    }
}

pub(super) fn parse(text: &str) -> Result<Expr, ExpressionError> {
    if text.len() > MAX_EXPRESSION_BYTES {
        return Err(ExpressionError::TooLong);
    }
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
    };
    let root = parser.expression()?;
    match parser.token() {
        Token::End if root.depth() > MAX_TREE => Err(ExpressionError::TooDeep {
            column: parser.column(),
        }),
        Token::End => Ok(root),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn token(&self) -> &Token {
        &self.tokens[self.next].1
    }

    fn column(&self) -> usize {
        self.tokens[self.next].0
    }

    /// The token, and on to the next; the end is never passed.
    fn take(&mut self) -> Token {
        let token = self.token().clone();
        if token != Token::End {
            self.next += 1;
        }
        token
    }

    fn takes(&mut self, wanted: &[&'static str]) -> Option<&'static str> {
        let found = match self.token() {
            Token::Sign(sign) => wanted.iter().find(|w| *w == sign),
            Token::Name(name) => wanted.iter().find(|w| *w == name),
            _ => None,
        };
        let found = found.copied();
        if found.is_some() {
            self.next += 1;
        }
        found
    }

    fn unexpected(&self, wanted: &str) -> ExpressionError {
        ExpressionError::Unexpected {
            column: self.column(),
            wanted: wanted.to_owned(),
            found: self.token().words(),
        }
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), ExpressionError> {
        match self.takes(&[sign]) {
            Some(_) => Ok(()),
            None => Err(self.unexpected(&format!("`{sign}`"))),
        }
    }

    fn deeper<T>(
        &mut self,
        inside: impl FnOnce(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        if self.depth == MAX_DEPTH {
            return Err(ExpressionError::TooDeep {
                column: self.column(),
            });
        }
        self.depth += 1;
        let found = inside(self);
        self.depth -= 1;
        found
    }

    fn expression(&mut self) -> Result<Expr, ExpressionError> {
        self.deeper(|parser| parser.left_to_right(&[("or", Operator::Or)], Self::either))
    }

    fn either(&mut self) -> Result<Expr, ExpressionError> {
        self.left_to_right(&[("and", Operator::And)], Self::test)
    }

    fn test(&mut self) -> Result<Expr, ExpressionError> {
        if self.takes(&["not"]).is_some() {
            let inside = self.deeper(Self::test)?;
            return Ok(Expr::Not(Box::new(inside)));
        }
        const COMPARISONS: [(&str, Operator); 6] = [
            ("<", Operator::Less),
            ("<=", Operator::AtMost),
            ("=", Operator::Equal),
            ("!=", Operator::Different),
            (">=", Operator::AtLeast),
            (">", Operator::Greater),
        ];
        let left = self.sum()?;
        let Some(operator) = self.operator(&COMPARISONS) else {
            return Ok(left);
        };
        let right = self.sum()?;
        Ok(Expr::Binary(operator, Box::new(left), Box::new(right)))
    }

    fn sum(&mut self) -> Result<Expr, ExpressionError> {
        self.left_to_right(&[("+", Operator::Add), ("-", Operator::Subtract)], Self::product)
    }

    fn product(&mut self) -> Result<Expr, ExpressionError> {
        self.left_to_right(&[("*", Operator::Multiply), ("/", Operator::Divide)], Self::sign)
    }

    fn operator(&mut self, operators: &[(&'static str, Operator)]) -> Option<Operator> {
        let signs: Vec<&'static str> = operators.iter().map(|(sign, _)| *sign).collect();
        let sign = self.takes(&signs)?;
        operators.iter().find(|(own, _)| *own == sign).map(|(_, o)| *o)
    }

    fn left_to_right(
        &mut self,
        operators: &[(&'static str, Operator)],
        operand: fn(&mut Self) -> Result<Expr, ExpressionError>,
    ) -> Result<Expr, ExpressionError> {
        let mut left = operand(self)?;
        // Each turn nests the left side once more, which later walks descend.
        let mut turns = 0;
        while let Some(operator) = self.operator(operators) {
            turns += 1;
            if turns > MAX_DEPTH {
                return Err(ExpressionError::TooDeep {
                    column: self.column(),
                });
            }
            let right = operand(self)?;
            left = Expr::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn sign(&mut self) -> Result<Expr, ExpressionError> {
        if self.takes(&["-"]).is_some() {
            let inside = self.deeper(Self::sign)?;
            return Ok(Expr::Negative(Box::new(inside)));
        }
        self.atom()
    }

    fn atom(&mut self) -> Result<Expr, ExpressionError> {
        let column = self.column();
        match self.token().clone() {
            Token::Number(value) => {
                self.take();
                if self.takes(&["%"]).is_none() {
                    return Ok(Expr::Number(value));
                }
                let hundredth = value
                    .checked_div(&Exact::from(100))
                    .expect("a literal of forty digits over a hundred is short");
                Ok(Expr::Number(hundredth))
            }
            Token::Name(name) if !["or", "and", "not", "in"].contains(&name.as_str()) => {
                self.take();
                match self.takes(&["("]) {
                    Some(_) => self.deeper(|parser| parser.function(column, name)),
                    None => Ok(Expr::Name(name)),
                }
            }
            Token::Sign("(") => {
                self.take();
                let inside = self.expression()?;
                self.expect(")")?;
                Ok(inside)
            }
            _ => Err(self.unexpected("a number, a name or `(`")),
        }
    }

    /// After the opening parenthesis.
    fn function(&mut self, column: usize, name: String) -> Result<Expr, ExpressionError> {
        match name.as_str() {
            "block" => {
                let id = self.quoted()?;
                let id = CriterionId::new(id).map_err(|_| self.unexpected("the id of a block"))?;
                self.expect(")")?;
                return Ok(Expr::Block(id));
            }
            "fact" => {
                let fact = self.quoted()?;
                self.expect(")")?;
                return Ok(Expr::Fact(fact));
            }
            "table" => {
                let table = self.quoted()?;
                self.expect(",")?;
                let of = self.expression()?;
                self.expect(")")?;
                return Ok(Expr::Table(table, Box::new(of)));
            }
            _ => {}
        }
        let mut arguments = vec![self.expression()?];
        while self.takes(&[","]).is_some() {
            arguments.push(self.expression()?);
        }
        if let Some(statistic) = Statistic::named(&name) {
            return self.statistic(column, &name, statistic, arguments);
        }
        self.expect(")")?;
        let found = arguments.len();
        if name == "if" {
            let three = <[Expr; 3]>::try_from(arguments);
            return match three {
                Ok(three) => Ok(Expr::If(Box::new(three))),
                Err(_) => Err(wrong_count(column, &name, (3, 3), found)),
            };
        }
        let Some(function) = Function::named(&name) else {
            return Err(ExpressionError::UnknownFunction { column, name });
        };
        let (least, most) = function.arguments();
        if (least..=most).contains(&found) {
            Ok(Expr::Call(function, arguments))
        } else {
            Err(wrong_count(column, &name, (least, most), found))
        }
    }

    fn statistic(
        &mut self,
        column: usize,
        name: &str,
        statistic: Statistic,
        mut arguments: Vec<Expr>,
    ) -> Result<Expr, ExpressionError> {
        let mut bids = None;
        if self.takes(&["in"]).is_some() {
            let Token::Name(name) = self.token().clone() else {
                return Err(self.unexpected("the name of a choice of bids"));
            };
            self.take();
            bids = Some(name);
        }
        self.expect(")")?;
        let wanted = 1 + statistic.further();
        if arguments.len() != wanted {
            return Err(wrong_count(column, name, (wanted, wanted), arguments.len()));
        }
        let further = arguments.split_off(1);
        let of = arguments.pop().expect("one argument was read");
        let end = self.column() - 1;
        let text: String = self.text.chars().take(end).skip(column - 1).collect();
        Ok(Expr::Over {
            statistic,
            of: Box::new(of),
            further,
            bids,
            text: text.trim_end().to_owned(),
        })
    }

    fn quoted(&mut self) -> Result<String, ExpressionError> {
        match self.token().clone() {
            Token::Quoted(text) => {
                self.take();
                Ok(text)
            }
            _ => Err(self.unexpected("a name in quotation marks")),
        }
    }
}

fn wrong_count(column: usize, name: &str, (least, most): (usize, usize), found: usize) -> ExpressionError {
    let wanted = if least == most {
        least.to_string()
    } else {
        format!("{least} to {most}")
    };
    ExpressionError::Arguments {
        column,
        name: name.to_owned(),
        wanted,
        found,
    }
}

#[cfg(test)]
mod tests {
    use super::super::expression::Expression;

    fn read(text: &str) -> Result<Expression, String> {
        text.parse::<Expression>().map_err(|error| error.to_string())
    }

    #[test]
    fn what_tender_documents_write_is_read() {
        for text in [
            "base / p * full",
            "min_of(p)",
            "(Qh - Ql) / 100 * X + Ql",
            "if(count_of(p > 0) > 3, trimmed_mean_of(p, 1, 1), mean_of(p))",
            "clamp(100 - 1.5 * max(0, (p - ref) / ref * 100), 0, 100)",
            "mean_of(p in near) × 95%",
            "table(\"deviation\", (p - base) / base * 100)",
            "block(\"T-01\") + fact(\"area\") >= 3 and not (p < 1 or p > 2)",
            "truncate((100 + technical) * 100000000 / p, 4)",
        ] {
            let read = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(read.as_str(), text);
        }
    }

    #[test]
    fn what_is_no_expression_is_refused_with_its_column() {
        for (text, error) in [
            (
                "",
                "column 1: a number, a name or `(` is wanted, the end stands there",
            ),
            (
                "1 +",
                "column 4: a number, a name or `(` is wanted, the end stands there",
            ),
            (
                "p $ 2",
                "column 3: a number, a name or a sign is wanted, `$` stands there",
            ),
            ("(p", "column 3: `)` is wanted, the end stands there"),
            (
                "p q",
                "column 3: an operator or the end is wanted, `q` stands there",
            ),
            (
                "1 < p < 2",
                "column 7: an operator or the end is wanted, `<` stands there",
            ),
            ("007", "column 1: a decimal number is wanted, `007` stands there"),
            (
                "1.2.3",
                "column 1: a decimal number is wanted, `1.2.3` stands there",
            ),
            (
                "价格",
                "column 1: a number, a name or a sign is wanted, `价` stands there",
            ),
            ("exp(p)", "column 1: there is no function `exp`"),
            (
                "clamp(p, 1)",
                "column 1: `clamp` takes 3 arguments, 2 stand there",
            ),
            ("min(p)", "column 1: `min` takes 2 to 64 arguments, 1 stand there"),
            (
                "mean_of(p in 3)",
                "column 14: the name of a choice of bids is wanted, the number 3 stands there",
            ),
            (
                "fact(area)",
                "column 6: a name in quotation marks is wanted, `area` stands there",
            ),
        ] {
            assert_eq!(read(text), Err(error.to_owned()), "{text}");
        }
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let deep = format!("{}1{}", "(".repeat(100), ")".repeat(100));
        assert!(read(&deep).is_err_and(|error| error.contains("nested too deeply")));
        let wide = vec!["1"; 100].join(" + ");
        assert!(read(&wide).is_err_and(|error| error.contains("nested too deeply")));
        let signs = format!("{}1", "-".repeat(200));
        assert!(read(&signs).is_err_and(|error| error.contains("nested too deeply")));
        assert!(read(&" ".repeat(5_000)).is_err_and(|error| error.contains("at most")));
    }
}
