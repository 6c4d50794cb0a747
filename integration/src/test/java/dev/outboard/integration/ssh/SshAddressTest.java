package dev.outboard.integration.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.outboard.integration.UserException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users write of another machine's daemon. */
final class SshAddressTest {
  @ParameterizedTest
  @CsvSource({
    "ssh://b, /run/outboard/api.sock, -- b",
    "ssh://b/, /run/outboard/api.sock, -- b",
    "ssh://b/tmp/x.sock, /tmp/x.sock, -- b",
    "ssh://root@b.example:2222, /run/outboard/api.sock, -l root -p 2222 -- b.example",
    "ssh://[fd00::1]:22/x, /x, -p 22 -- fd00::1"
  })
  void itIsAHostAndASocketThere(String text, String socket, String words) throws UserException {
    SshAddress address = SshAddress.parse(text);
    assertEquals(socket, address.socket());
    assertEquals(List.of(words.split(" ", -1)), address.destination());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ssh://",
        "ssh://-oProxyCommand=id/x",
        "ssh://-l@b/x",
        "ssh://b/x;id",
        "ssh://b/$(id)",
        "ssh://b/a b",
        "ssh://b/x?y",
        "http://b/x"
      })
  void whatCouldMeanSomethingElseIsRefused(String text) {
    UserException refused = assertThrows(UserException.class, () -> SshAddress.parse(text));
    assertEquals(
        "'" + text + "' is not of the form ssh://[user@]host[:port][/path/of/api.sock]",
        refused.getMessage());
  }
}
