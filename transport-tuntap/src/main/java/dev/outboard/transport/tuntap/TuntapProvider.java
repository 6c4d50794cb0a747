package dev.outboard.transport.tuntap;

import dev.outboard.linux.LinuxException;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds out whether TAPs can be used here, and opens the transport. Control thread. */
public final class TuntapProvider implements TransportProvider {
  private static final String POOL_MIN = "pool.min";
  private static final String POOL_MAX = "pool.max";
  private static final String BRIDGE_DEVICE = "bridge.device";
  private static final String BRIDGE_NETWORK = "bridge.network";
  private static final String BRIDGE_TENANT = "bridge.tenant";
  private static final Path DEVICE = Path.of("/dev/net/tun");
  private static final Path STATUS = Path.of("/proc/thread-self/status");
  private static final String CAPABILITIES_LINE = "CapEff:";
  private static final int CAP_NET_ADMIN = 12;

  /** For {@link java.util.ServiceLoader}. */
  public TuntapProvider() {}

  @Override
  public String name() {
    return "tuntap";
  }

  @Override
  public Availability probe() {
    return probe(DEVICE, STATUS);
  }

  static Availability probe(Path device, Path status) {
    if (!Files.exists(device)) {
      return Availability.no(
          "there is no " + device,
          "load the module (modprobe tun), or give the container the device (--device "
              + device
              + ")");
    }
    if (!Files.isReadable(device) || !Files.isWritable(device)) {
      return Availability.no(
          "this user may not open " + device, "run as root, or: chmod 0666 " + device);
    }
    if (!hasNetAdmin(status)) {
      return Availability.no(
          "the process lacks the capability CAP_NET_ADMIN",
          "run as root, or with AmbientCapabilities=CAP_NET_ADMIN (systemd) or --cap-add NET_ADMIN"
              + " (container)");
    }
    return Availability.yes();
  }

  private static boolean hasNetAdmin(Path status) {
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith(CAPABILITIES_LINE)) {
          String bits = line.substring(CAPABILITIES_LINE.length()).trim();
          return (Long.parseUnsignedLong(bits, 16) >>> CAP_NET_ADMIN & 1) != 0;
        }
      }
      return false;
    } catch (IOException e) {
      // Not knowing is no reason to refuse: opening a port will tell.
      return true;
    }
  }

  @Override
  public List<Setting> settings() {
    return List.of(
        new Setting(
            POOL_MIN, Setting.Type.NUMBER, "4", "How many TAPs are kept ready for guests to come."),
        new Setting(
            POOL_MAX,
            Setting.Type.NUMBER,
            "64",
            "How many TAPs of guests that have left are kept for others; the rest is deleted."),
        new Setting(
            BRIDGE_DEVICE,
            Setting.Type.TEXT,
            "",
            "A device of the host, such as eth1, that is to be a port of one bridge, too: the way"
                + " off this host. The host's own addresses on it stop working."),
        new Setting(
            BRIDGE_NETWORK,
            Setting.Type.NUMBER,
            "1",
            "The network whose guests reach what is behind that device."),
        new Setting(
            BRIDGE_TENANT,
            Setting.Type.TEXT,
            "default",
            "The tenant whose guests reach what is behind that device."));
  }

  @Override
  public Transport open(TransportContext context) throws TransportException {
    int min = number(context, POOL_MIN);
    int max = number(context, POOL_MAX);
    if (min > max) {
      throw new TransportException(
          "uplink %s: %s is %d, which is more than %s (%d)"
              .formatted(context.uplink(), POOL_MIN, min, POOL_MAX, max));
    }
    Availability availability = probe();
    if (!availability.usable()) {
      throw new TransportException(
          "uplink %s: %s; %s"
              .formatted(context.uplink(), availability.reason(), availability.remedy()));
    }
    BridgeDevice device =
        new BridgeDevice(
            context.setting(BRIDGE_DEVICE),
            new Bridges.Key(number(context, BRIDGE_NETWORK), context.setting(BRIDGE_TENANT)));
    try {
      Bridges.repair();
      return new TuntapTransport(context, Owner.current(), min, max, device);
    } catch (LinuxException e) {
      throw new TransportException(
          "uplink %s: cannot clear away what a killed sidecar has left: %s"
              .formatted(context.uplink(), e.getMessage()),
          e);
    } catch (IOException e) {
      throw new TransportException(
          "uplink %s: cannot read /proc: %s".formatted(context.uplink(), e.getMessage()), e);
    }
  }

  private static int number(TransportContext context, String setting) throws TransportException {
    try {
      return Integer.parseInt(context.setting(setting).trim());
    } catch (NumberFormatException e) {
      throw new TransportException(
          "uplink %s: %s is too large".formatted(context.uplink(), setting), e);
    }
  }
}
