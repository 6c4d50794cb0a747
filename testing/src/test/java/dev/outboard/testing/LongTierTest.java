package dev.outboard.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When an item of the long tier runs, and when it need not run again. */
class LongTierTest {
  @TempDir private Path directory;

  @Test
  void anItemRunsIfItOrAllAreAskedFor() {
    LongTierRecord nothing = new LongTierRecord(directory, "c1");
    assertFalse(runs("", nothing));
    assertFalse(runs("another", nothing));
    assertTrue(runs("item", nothing));
    assertTrue(runs("true", nothing));
  }

  @Test
  void anItemThatHasPassedRunsAgainForAnotherCommitOnly() throws Exception {
    new LongTierRecord(directory, "c1").add("item");
    assertFalse(runs("true", new LongTierRecord(directory, "c1")));
    assertTrue(runs("true", new LongTierRecord(directory, "c2")));
    assertTrue(runs("true", new LongTierRecord(directory, "")));
    assertEquals(
        "long tier: item has passed for commit c1; see " + directory.resolve("item"),
        LongTierExtension.evaluate("item", "item", new LongTierRecord(directory, "c1"))
            .getReason()
            .orElseThrow());
  }

  @Test
  void withChangesNothingIsWrittenDown() throws Exception {
    new LongTierRecord(directory, "").add("item");
    assertTrue(runs("true", new LongTierRecord(directory, "")));
    assertFalse(directory.resolve("item").toFile().exists());
  }

  private static boolean runs(String wanted, LongTierRecord passed) {
    return !LongTierExtension.evaluate("item", wanted, passed).isDisabled();
  }
}
