package dev.outboard.integration.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.integration.UserException;
import dev.outboard.spi.MacAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever the file holds, it is a plan or one line for the user. */
final class ConfigProperties {
  private static final String SAMPLE =
      """
      api: {socket: /tmp/x.sock, mode: 0660}
      workers: 2
      networks: [{id: 5, mtu: 9000}]
      uplinks: {lan: {transport: good, pool.max: 3}}
      guests: [{id: a, mac: 02:00:00:00:00:01, addresses: [10.0.0.1], local-forwarding: off}]
      """;

  @Property(tries = 2000)
  void aBrokenFileGetsOneLine(@ForAll("broken") String yaml) throws IOException {
    Path file = Files.createTempFile("outboard", ".yaml");
    try {
      Files.writeString(file, yaml);
      ConfigFile.read(file, ConfigFileTest.planner());
    } catch (UserException e) {
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    } finally {
      Files.delete(file);
    }
  }

  @Provide
  Arbitrary<String> broken() {
    Arbitrary<Integer> places = Arbitraries.integers().between(0, SAMPLE.length());
    Arbitrary<Integer> lengths = Arbitraries.integers().between(0, 20);
    Arbitrary<String> pieces =
        Arbitraries.oneOf(
            Arbitraries.of(
                ":", "[", "{", "~", "\n", " - ", "&a ", "*a", "!!x ", "\t", "'", "|", "%"),
            Arbitraries.strings().ofMaxLength(8).excludeChars('\ud800', '\udfff'));
    return Combinators.combine(places, lengths, pieces)
        .as(
            (place, length, piece) ->
                SAMPLE.substring(0, place)
                    + piece
                    + SAMPLE.substring(Math.min(SAMPLE.length(), place + length)));
  }

  @Property
  void aDerivedAddressIsStableAndAGuestsOwn(@ForAll String id) {
    MacAddress mac = GuestPlanner.derivedMac(id);
    assertEquals(mac, GuestPlanner.derivedMac(id));
    assertFalse(mac.isMulticast());
    assertTrue(mac.toString().startsWith("02:"));
  }
}
