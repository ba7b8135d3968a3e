use supervisor::exit::Failure;

use crate::human::safe;
use crate::output::{Output, Painter};

/// Rows in columns without borders, two spaces apart, whatever the width of the terminal.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

/// A column by its title.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    /// Of text.
    Text(&'static str),
    /// Of words of health, which are coloured where that is wanted.
    Health(&'static str),
    /// Of numbers, which stand to the right.
    Number(&'static str),
}

impl Table {
    pub(crate) fn new(columns: &[Column]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row. What its cells hold may come from anywhere.
    pub(crate) fn row(&mut self, cells: &[String]) {
        self.rows
            .push(cells.iter().map(|cell| safe(cell)).collect());
    }

    /// Whether there is no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Prints it, with a header unless there is no row.
    pub(crate) fn print(&self, output: &mut Output) -> Result<(), Failure> {
        for line in self.lines(output.painter()) {
            output.line(&line)?;
        }
        Ok(())
    }

    fn lines(&self, painter: Painter) -> Vec<String> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        let titles: Vec<String> = self
            .columns
            .iter()
            .map(|column| column.title().into())
            .collect();
        let all = || std::iter::once(&titles).chain(&self.rows);
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|place| {
                let cells = all().filter_map(|row| row.get(place));
                cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        let line = |row: &Vec<String>, painter: Painter| {
            let last = row.iter().rposition(|cell| !cell.is_empty());
            let shown = last.map_or(0, |last| last + 1);
            let cells = self.columns.iter().zip(row).zip(&widths).take(shown);
            let cells = cells.map(|((column, cell), width)| match column {
                Column::Text(_) => format!("{cell:<width$}"),
                Column::Health(_) => {
                    let rest = width.saturating_sub(cell.chars().count());
                    format!("{}{:rest$}", painter.health(cell), "")
                }
                Column::Number(_) => format!("{cell:>width$}"),
            });
            let line = cells.collect::<Vec<_>>().join("  ");
            line.trim_end().to_owned()
        };
        let rows = self.rows.iter().map(|row| line(row, painter));
        let header = line(&titles, Painter::PLAIN);
        std::iter::once(header).chain(rows).collect()
    }
}

impl Column {
    const fn title(self) -> &'static str {
        match self {
            Self::Text(title) | Self::Health(title) | Self::Number(title) => title,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, Table};
    use crate::output::Painter;

    #[test]
    fn columns_line_up_and_numbers_stand_to_the_right() {
        let mut table = Table::new(&[
            Column::Text("ID"),
            Column::Number("SIZE"),
            Column::Text("T"),
        ]);
        assert!(table.lines(Painter::PLAIN).is_empty());
        table.row(&["é\u{1b}".into(), "7 B".into(), "x".into()]);
        table.row(&["b".into(), "1,000 B".into(), String::new()]);
        assert_eq!(
            table.lines(Painter::PLAIN),
            [
                "ID          SIZE  T",
                "é\\u{1b}      7 B  x",
                "b        1,000 B"
            ]
        );
    }
}
