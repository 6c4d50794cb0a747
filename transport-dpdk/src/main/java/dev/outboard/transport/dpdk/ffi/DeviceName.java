package dev.outboard.transport.dpdk.ffi;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A device as users write it, in DPDK's own words: {@code net_af_xdp0,iface=eth1} or {@code
 * 0000:03:00.0}.
 *
 * @param bus {@code vdev} or {@code pci}
 * @param name what comes before the first comma
 * @param arguments what comes after it
 */
public record DeviceName(String bus, String name, String arguments) {
  private static final String PCI_BUS = "pci";
  private static final Pattern PCI =
      Pattern.compile("(?:\\p{XDigit}{4}:)?\\p{XDigit}{2}:\\p{XDigit}{2}\\.[0-7]");
  private static final Pattern VIRTUAL = Pattern.compile("net_[a-z][a-z0-9_]*");
  private static final Pattern ARGUMENTS = Pattern.compile("[\\p{Graph}]*");
  private static final int LONGEST = 31;

  /** Reads a device. */
  public static DeviceName parse(String text) throws DpdkException {
    String word = text.strip();
    int comma = word.indexOf(',');
    String name = comma < 0 ? word : word.substring(0, comma);
    String arguments = comma < 0 ? "" : word.substring(comma + 1);
    if (ARGUMENTS.matcher(arguments).matches() && name.length() <= LONGEST) {
      if (PCI.matcher(name).matches()) {
        String full = name.length() < 12 ? "0000:" + name : name;
        return new DeviceName(PCI_BUS, full.toLowerCase(Locale.ROOT), arguments);
      }
      if (VIRTUAL.matcher(name).matches()) {
        return new DeviceName("vdev", name, arguments);
      }
    }
    throw new DpdkException(
        "'%s' is no device; write a PCI address (0000:03:00.0) or a virtual device (net_af_xdp0,iface=eth1)"
            .formatted(text.replaceAll("\\p{Cntrl}", "?")));
  }

  /** Whether it is a piece of hardware, which reads memory by itself. */
  public boolean isOnBus() {
    return bus.equals(PCI_BUS);
  }

  /** The value of an argument, or nothing. */
  public String argument(String key) {
    for (String one : arguments.split(",", -1)) {
      if (one.startsWith(key + "=")) {
        return one.substring(key.length() + 1);
      }
    }
    return "";
  }

  @Override
  public String toString() {
    return name;
  }
}
