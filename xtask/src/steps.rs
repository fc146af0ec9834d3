//! Named steps with their durations, and the table printed when the work ends, well or badly.

use std::time::{Duration, Instant};

/// Why the command stops, and the exit code to stop with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) code: u8,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 1,
        }
    }
}

pub(crate) type Outcome<T = ()> = Result<T, Failure>;

struct Finished {
    name: String,
    took: Duration,
    passed: bool,
    note: String,
}

/// Runs steps one after another. The table is printed when the value is dropped, so that a step that
/// failed and left the function early is in it too.
#[derive(Default)]
pub(crate) struct Steps {
    finished: Vec<Finished>,
}

impl Steps {
    /// Runs one step. What it returns is the note beside its name in the table.
    pub(crate) fn run(&mut self, name: &str, step: impl FnOnce() -> Outcome<String>) -> Outcome {
        println!("\n=== {name}");
        let started = Instant::now();
        let outcome = step();
        let took = started.elapsed();
        let (passed, note, result) = match outcome {
            Ok(note) => (true, note, Ok(())),
            Err(failure) => {
                let named = Failure {
                    message: format!("{name}: {}", failure.message),
                    ..failure
                };
                (false, String::new(), Err(named))
            }
        };
        self.finished.push(Finished {
            name: name.to_owned(),
            took,
            passed,
            note,
        });
        result
    }

    fn table(&self) -> String {
        let width = self
            .finished
            .iter()
            .map(|step| step.name.chars().count())
            .max()
            .unwrap_or(0);
        let mut table = String::new();
        let mut total = Duration::ZERO;
        for step in &self.finished {
            let mark = if step.passed { "ok    " } else { "FAILED" };
            let seconds = step.took.as_secs_f64();
            let line = format!("{mark}  {:width$}  {seconds:>7.1} s  {}", step.name, step.note);
            table.push_str(line.trim_end());
            table.push('\n');
            total += step.took;
        }
        table.push_str(&format!(
            "        {:width$}  {:>7.1} s\n",
            "in all",
            total.as_secs_f64()
        ));
        table
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        if !self.finished.is_empty() {
            println!("\n{}", self.table().trim_end());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_in_the_table_and_keeps_its_code() {
        let mut steps = Steps::default();
        assert_eq!(steps.run("first", || Ok("3 things".to_owned())), Ok(()));
        let failure = steps.run("second", || {
            Err(Failure {
                message: "broken".into(),
                code: 7,
            })
        });
        assert_eq!(
            failure,
            Err(Failure {
                message: "second: broken".into(),
                code: 7
            })
        );
        let table = steps.table();
        let lines: Vec<_> = table.lines().collect();
        assert!(lines[0].starts_with("ok      first "), "{table}");
        assert!(lines[0].ends_with("3 things"), "{table}");
        assert!(lines[1].starts_with("FAILED  second"), "{table}");
        assert_eq!(lines.len(), 3);
    }
}
