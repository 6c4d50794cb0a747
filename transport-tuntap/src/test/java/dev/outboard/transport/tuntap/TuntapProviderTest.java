package dev.outboard.transport.tuntap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.spi.Availability;
import dev.outboard.spi.Setting;
import dev.outboard.spi.TransportProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users see before a port is opened. */
class TuntapProviderTest {
  @TempDir Path directory;

  @Test
  void isFoundByItsName() {
    TransportProvider provider =
        ServiceLoader.load(TransportProvider.class).findFirst().orElseThrow();
    assertEquals("tuntap", provider.name());
    assertTrue(provider.probe().usable());
    for (Setting setting : provider.settings()) {
      if (setting.type() == Setting.Type.NUMBER) {
        assertTrue(Integer.parseInt(setting.defaultValue()) >= 0);
      }
    }
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    Path device = directory.resolve("tun");
    Path status = directory.resolve("status");
    Availability answer = TuntapProvider.probe(device, status);
    assertEquals("there is no " + device, answer.reason());
    assertTrue(answer.remedy().contains("modprobe tun"), answer.remedy());
    Files.createFile(device);
    Files.writeString(status, "Name:\tx\nCapEff:\t0000000000000000\n");
    answer = TuntapProvider.probe(device, status);
    assertEquals("the process lacks the capability CAP_NET_ADMIN", answer.reason());
    assertTrue(answer.remedy().contains("--cap-add NET_ADMIN"), answer.remedy());
    Files.writeString(status, "CapEff:\t0000000000001000\n");
    assertTrue(TuntapProvider.probe(device, status).usable());
    Files.writeString(status, "CapEff:\t000001fffeffffff\n");
    assertTrue(TuntapProvider.probe(device, status).usable());
  }
}
