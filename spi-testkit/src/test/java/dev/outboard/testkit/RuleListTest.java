package dev.outboard.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The rules are well named, and {@code docs/spi-rules.md} lists them. With {@code
 * -Doutboard.rules=rewrite} the list is written anew.
 */
class RuleListTest {
  private static final Path PAGE =
      Path.of(System.getProperty("outboard.root", ".."), "docs", "spi-rules.md");
  private static final String BEGIN = "<!-- The rules, written by RuleListTest. -->\n";
  private static final String END = "<!-- The end of the rules. -->\n";

  @Test
  void eachRuleHasAnIdOfItsOwnAndOneSentence() throws Exception {
    Set<String> ids = new HashSet<>();
    for (Rule rule : Rules.all()) {
      assertTrue(rule.id().matches("[a-z]+-[0-9]+"), rule.id());
      assertTrue(ids.add(rule.id()), "two rules " + rule.id());
      assertTrue(rule.says().matches("[A-Za-z][^\n]*\\."), rule.id() + ": " + rule.says());
    }
    assertTrue(ids.size() >= 70, ids.size() + " rules");
  }

  @Test
  void thePageListsThemAll() throws Exception {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    assertTrue(begin > 0 && end > begin, "the page has lost its marks");
    String expected = page.substring(0, begin) + BEGIN + lists() + page.substring(end);
    if ("rewrite".equals(System.getProperty("outboard.rules"))) {
      Files.writeString(PAGE, expected);
      return;
    }
    assertEquals(
        expected,
        page,
        "docs/spi-rules.md is out of date: run RuleListTest with -Doutboard.rules=rewrite");
  }

  private static String lists() throws Exception {
    List<Rule> shared = Rules.of(SharedTransportKit.class);
    List<Rule> guests = Rules.of(GuestTransportKit.class);
    List<Rule> both = new ArrayList<>(shared);
    both.retainAll(guests);
    shared.removeAll(both);
    guests.removeAll(both);
    StringBuilder text = new StringBuilder();
    list(text, "Every transport", both);
    list(text, "Transports with a port for each worker (`SharedTransportKit`)", shared);
    list(text, "Transports with a port for each guest (`GuestTransportKit`)", guests);
    Set<String> listed = new TreeSet<>();
    for (Class<?> suite : Rules.suites()) {
      if (!TransportKit.class.isAssignableFrom(suite)) {
        list(text, "`" + suite.getSimpleName() + "`", Rules.of(suite));
      }
      Rules.of(suite).forEach(rule -> listed.add(rule.id()));
    }
    assertEquals(Rules.all().size(), listed.size(), "rules in the list: " + listed);
    return text.toString();
  }

  private static void list(StringBuilder text, String title, List<Rule> rules) {
    text.append("\n## ").append(title).append("\n\n| rule | says |\n| --- | --- |\n");
    for (Rule rule : rules) {
      text.append("| `%s` | %s |\n".formatted(rule.id(), rule.says()));
    }
    text.append('\n');
  }
}
