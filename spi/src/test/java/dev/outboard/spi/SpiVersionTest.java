package dev.outboard.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpiVersionTest {
  @ParameterizedTest(name = "built for {0}, sidecar has {1}: {2}")
  @CsvSource({
    "0.5, 0.5, true",
    "0.4, 0.5, false",
    "0.6, 0.5, false",
    "1.2, 1.2, true",
    "1.2, 1.3, true",
    "1.3, 1.2, false",
    "1.0, 2.0, false",
    "2.0, 1.9, false",
    "0.5, 1.5, false",
  })
  void isUsableWhereNothingItNeedsIsMissing(String built, String sidecar, boolean usable) {
    assertEquals(usable, SpiVersion.parse(built).isUsableBy(SpiVersion.parse(sidecar)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "1.2.3", "1.x", "-1.0", " 1.0", "1.99999"})
  void otherTextIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> SpiVersion.parse(text));
  }

  @Test
  void isWrittenAsItIsRead() {
    assertEquals(SpiVersion.CURRENT, SpiVersion.current().toString());
  }
}
