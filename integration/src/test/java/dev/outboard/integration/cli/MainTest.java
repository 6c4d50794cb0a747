package dev.outboard.integration.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which commands are made ready for a command line. */
class MainTest {
  private static Set<String> ready(String... words) {
    return Main.commandLine(words).getSubcommands().keySet();
  }

  @Test
  void theCommandThatIsNamedComesAlone() {
    assertEquals(Set.of("run"), ready("run", "--config", "list"));
    assertEquals(Set.of("list"), ready("--verbose", "list", "--json"));
  }

  @Test
  void whoNamesNoneOrAsksForHelpHasAll() {
    assertTrue(ready().containsAll(Set.of("run", "list", "help")));
    assertTrue(ready("--help").contains("run"));
    assertTrue(ready("help", "run").contains("run"));
    assertTrue(ready("rum").contains("run"));
  }
}
