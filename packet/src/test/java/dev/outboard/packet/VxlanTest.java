package dev.outboard.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The VXLAN header, byte for byte. */
class VxlanTest {
  private static MemorySegment bytes(String hex) {
    return MemorySegment.ofArray(HexFormat.ofDelimiter(" ").parseHex(hex));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 08 00 00 00 00 00 00 00",
    "1, 08 00 00 00 00 00 01 00",
    "11259375, 08 00 00 00 ab cd ef 00",
    "16777215, 08 00 00 00 ff ff ff 00"
  })
  void aHeaderHasTheFlagAndTheNetwork(int network, String hex) {
    byte[] written = new byte[Vxlan.HEADER + 1];
    Vxlan.write(MemorySegment.ofArray(written), 1, network);
    assertArrayEquals(
        HexFormat.ofDelimiter(" ").parseHex("00 " + hex), written, "at any alignment");
    assertEquals(network, Vxlan.network(bytes(hex), 0));
    assertEquals(true, Vxlan.isValid(bytes(hex), 0));
  }

  @ParameterizedTest
  @CsvSource({
    "00 00 00 00 00 00 07 00, false",
    "f7 00 00 00 00 00 07 00, false",
    "08 00 00 00 00 00 07 00, true",
    "ff ff ff ff 00 00 07 ff, true"
  })
  void onlyTheFlagIsLookedAt(String hex, boolean valid) {
    assertEquals(valid, Vxlan.isValid(bytes(hex), 0));
    assertEquals(7, Vxlan.network(bytes(hex), 0));
  }
}
