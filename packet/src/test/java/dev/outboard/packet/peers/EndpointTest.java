package dev.outboard.packet.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.spi.TransportException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a peer is written. */
class EndpointTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, 192.0.2.7:4789",
    "192.0.2.7:1, 192.0.2.7:1",
    "2001:db8::1, [2001:db8:0:0:0:0:0:1]:4789",
    "[2001:db8::1], [2001:db8:0:0:0:0:0:1]:4789",
    "[2001:db8::1]:65535, [2001:db8:0:0:0:0:0:1]:65535",
    "' ::1 ', [0:0:0:0:0:0:0:1]:4789"
  })
  void anAddressMayHaveAPort(String text, String endpoint) throws Exception {
    assertEquals(endpoint, Endpoint.parse(text, 4789).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "'', IP address",
    "example.org, IP address",
    "192.0.2, IP address",
    "192.0.2.7:, not a number",
    "192.0.2.7:0, 1 to 65535",
    "192.0.2.7:65536, 1 to 65535",
    "192.0.2.7:-5, 1 to 65535",
    "192.0.2.7:vxlan, not a number",
    "[2001:db8::1, IP address",
    "0.0.0.0, one host",
    "'::', one host",
    "239.1.2.3, one host",
    "ff02::1, one host"
  })
  void anythingElseIsRefusedInOneLine(String text, String why) {
    TransportException refused =
        assertThrows(TransportException.class, () -> Endpoint.parse(text, 4789));
    assertTrue(refused.getMessage().contains("'" + text + "'"), refused.getMessage());
    assertTrue(refused.getMessage().contains(why), refused.getMessage());
  }
}
