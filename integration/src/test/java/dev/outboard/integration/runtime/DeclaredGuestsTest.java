package dev.outboard.integration.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.GuestRequest;
import dev.outboard.integration.wire.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the runtime directory keeps, and what it makes of files that it did not write. */
final class DeclaredGuestsTest {
  @TempDir private Path folder;
  private RuntimeDirectory runtime;
  private DeclaredGuests declared;
  private final List<String> log = new ArrayList<>();

  @BeforeEach
  void claim() throws UserException {
    runtime = new RuntimeDirectory(folder.resolve("run/api.sock.d"));
    runtime.claim();
    declared = new DeclaredGuests(runtime);
  }

  private static GuestRequest guest(String id, String more) throws IOException {
    return Json.api().readValue("{" + more + "}", GuestRequest.class).withId(id);
  }

  @Test
  void aGuestIsReadAsItWasSaid() throws IOException {
    GuestRequest web = guest("web", "\"addresses\": [\"10.0.0.1\"], \"mode\": \"0660\"");
    GuestRequest db = guest("db.2_x-", "\"local_forwarding\": \"off\", \"network\": 7");
    declared.save(web);
    declared.save(db);
    assertEquals(List.of(db, web), declared.load(log::add));
    assertEquals(List.of(), log);
  }

  @Test
  void theLastWordCounts() throws IOException {
    declared.save(guest("web", "\"network\": 1"));
    declared.save(guest("web", "\"network\": 2"));
    assertEquals(2, declared.load(log::add).getFirst().network());
    assertTrue(declared.remove("web"));
    assertFalse(declared.remove("web"));
    assertEquals(List.of(), declared.load(log::add));
  }

  @Test
  void aFileThatAKillLeftUnfinishedIsNotLookedAt() throws IOException {
    declared.save(guest("web", ""));
    Files.writeString(declared.file("web").resolveSibling("db.json.new"), "{\"vers");
    assertEquals(1, declared.load(log::add).size());
    assertEquals(List.of(), log);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"version\": 1, \"guest\": {\"id\": \"web\"",
        "[]",
        "null",
        "17",
        "{\"version\": 2, \"guest\": {\"id\": \"web\"}}",
        "{\"guest\": {\"id\": \"web\"}}",
        "{\"version\": 1}",
        "{\"version\": 1, \"guest\": {}}",
        "{\"version\": 1, \"guest\": {\"id\": \"other\"}}",
        "{\"version\": 1, \"guest\": {\"id\": \"../web\"}}",
        "{\"version\": 1, \"guest\": {\"id\": \"web\", \"colour\": 1}}",
        "{\"version\": 1, \"guest\": {\"id\": \"web\", \"network\": {}}}",
        "\u0000\u0001\u0002"
      })
  void aTornOrForeignFileIsSetAsideWithOneLineAndTheOthersAreRead(String text) throws IOException {
    declared.save(guest("db", ""));
    Files.writeString(declared.file("web"), text);
    assertEquals(List.of(guest("db", "")), declared.load(log::add));
    assertEquals(1, log.size());
    assertEquals(1, log.getFirst().lines().count(), log.getFirst());
    assertTrue(log.getFirst().endsWith("; set aside as web.json.set-aside"), log.getFirst());
    assertEquals(text, Files.readString(declared.file("web").resolveSibling("web.json.set-aside")));
    log.clear();
    assertEquals(1, declared.load(log::add).size());
    assertEquals(List.of(), log, "only the first start stumbles over it");
  }

  @Test
  void aDirectoryOrBrokenTextInPlaceOfAFileIsSetAside() throws IOException {
    Files.createDirectory(declared.file("web"));
    Files.write(declared.file("db"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertEquals(List.of(), declared.load(log::add));
    assertEquals(2, log.size(), log.toString());
  }

  @Test
  void nobodyElseMayEnter() throws IOException {
    for (Path directory : List.of(runtime.path(), runtime.guests())) {
      assertEquals(
          "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
    }
  }

  @Test
  void aSecondOwnerIsRefused() {
    RuntimeDirectory second = new RuntimeDirectory(runtime.path());
    UserException refusal = assertThrows(UserException.class, second::claim);
    String own = "process " + ProcessHandle.current().pid();
    assertTrue(refusal.getMessage().contains("is in use by " + own + "; stop it"), refusal + "");
  }

  @Test
  void aFileInTheDirectorysPlaceIsOneLine() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    UserException refusal =
        assertThrows(UserException.class, () -> new RuntimeDirectory(file).claim());
    assertTrue(refusal.getMessage().startsWith("can't use the runtime directory " + file));
  }
}
