package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Frames that the kernel threw away in the network of a process, which only the kernel counts: a
 * TAP whose queue was full tells nobody. Called between loads.
 */
public final class KernelDrops {
  /** TAPs of the baseline, TAPs of the sidecar (its bridges have longer names), wires. */
  private static final Pattern DEVICE =
      Pattern.compile("tap\\d+|vxlan\\d|end\\d|ob[0-9a-z]{1,6}t[0-9a-z]{1,4}");

  private static final Pattern GAP = Pattern.compile("[\\s:]+");
  private static final int RECEIVE_DROP = 4;
  private static final int TRANSMIT_DROP = 12;

  private KernelDrops() {}

  /** By reason, since the devices were made; reasons that never occurred are left out. */
  static Map<String, Long> of(long pid, Arm arm) throws UserException {
    return of(pid, "veth0", arm == Arm.TUNTAP, arm == Arm.HOST || arm == Arm.IOURING);
  }

  /**
   * The same.
   *
   * @param wire the device that leads to the other host, if there is one
   * @param sidecar whether its TAPs are a sidecar's, which counts what they refuse itself
   * @param sockets whether frames end in sockets there, or go on from them
   */
  public static Map<String, Long> of(long pid, String wire, boolean sidecar, boolean sockets)
      throws UserException {
    Path net = Path.of("/proc", Long.toString(pid), "net");
    try {
      Map<String, Long> drops = devices(wire, sidecar, Files.readAllLines(net.resolve("dev")));
      if (sockets) {
        sockets(Files.readAllLines(net.resolve("snmp"))).forEach((k, v) -> add(drops, k, v));
      }
      return drops;
    } catch (IOException e) {
      throw new UserException("can't read counters in " + net + ": " + e.getMessage(), e);
    }
  }

  static Map<String, Long> devices(String wire, boolean sidecar, List<String> lines) {
    Map<String, Long> drops = new TreeMap<>();
    for (String line : lines) {
      String[] columns = GAP.split(line.strip(), -1);
      if (columns.length <= TRANSMIT_DROP
          || !(columns[0].equals(wire) || DEVICE.matcher(columns[0]).matches())) {
        continue;
      }
      // To a device, transmitting is towards the guest.
      boolean isVxlan = columns[0].startsWith("vxlan");
      boolean isWire = columns[0].equals(wire) || columns[0].startsWith("end");
      boolean veth = isVxlan || isWire; // else it is somebody's TAP
      String device = isVxlan ? "vxlan" : "veth";
      String queue = veth ? device + "-transmit" : "tap-queue-full";
      add(drops, queue, Long.parseLong(columns[TRANSMIT_DROP]));
      if (veth || !sidecar) {
        // What its TAPs refuse a sidecar has counted itself, from the error it got.
        String refused = veth ? device + "-receive" : "tap-refused";
        add(drops, refused, Long.parseLong(columns[RECEIVE_DROP]));
      }
    }
    return drops;
  }

  /** UDP's counters: a line of names, a line of numbers. */
  static Map<String, Long> sockets(List<String> lines) {
    List<String[]> udp =
        lines.stream()
            .filter(line -> line.startsWith("Udp:"))
            .map(line -> GAP.split(line.strip(), -1))
            .toList();
    Map<String, Long> drops = new TreeMap<>();
    for (int i = 0; udp.size() == 2 && i < udp.getFirst().length; i++) {
      if (udp.getFirst()[i].equals("InErrors")) {
        // Those for want of room in the socket included.
        add(drops, "socket-full", Long.parseLong(udp.getLast()[i]));
      }
    }
    return drops;
  }

  private static void add(Map<String, Long> drops, String reason, long count) {
    if (count != 0) {
      drops.merge(reason, count, Long::sum);
    }
  }
}
