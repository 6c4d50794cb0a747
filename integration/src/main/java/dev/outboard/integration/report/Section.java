package dev.outboard.integration.report;

import dev.outboard.integration.statistics.Verdict;
import java.util.List;

/** A part of a {@link Page} under a title of its own. Immutable; any thread. */
public sealed interface Section
    permits Section.Text, Section.Table, Section.Verdicts, Plot, Factors {
  /** What it is about. */
  String title();

  /** Paragraphs. */
  record Text(String title, List<String> paragraphs) implements Section {
    /** Keeps a copy of the list. */
    public Text {
      paragraphs = List.copyOf(paragraphs);
    }
  }

  /**
   * Rows of cells. The first cell of a row says what the row is about; columns whose cells all
   * begin with a digit or a sign are set flush right.
   *
   * @param note what one must know to read it; may be empty
   */
  record Table(String title, List<String> columns, List<List<String>> rows, String note)
      implements Section {
    /** Keeps copies of the lists. */
    public Table {
      columns = List.copyOf(columns);
      rows = rows.stream().map(List::copyOf).toList();
      for (List<String> row : rows) {
        if (row.size() != columns.size()) {
          throw new IllegalArgumentException("a row needs " + columns.size() + " cells: " + row);
        }
      }
    }
  }

  /** What the figures come to, in words. */
  record Verdicts(String title, List<Verdict> verdicts) implements Section {
    /** Keeps a copy of the list. */
    public Verdicts {
      verdicts = List.copyOf(verdicts);
    }
  }
}
