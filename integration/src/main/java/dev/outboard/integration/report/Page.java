package dev.outboard.integration.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What a report says, before anything is laid out. All of it is plain text, from anybody: only
 * {@link HtmlReport} knows markup. Immutable; any thread.
 *
 * @param summary the answer in a few sentences, for who reads no further
 * @param raw everything that was measured, which goes into the file beside what is shown of it
 */
public record Page(String title, String summary, List<Section> sections, JsonNode raw) {
  /** Keeps a copy of the list. */
  public Page {
    sections = List.copyOf(sections);
  }
}
