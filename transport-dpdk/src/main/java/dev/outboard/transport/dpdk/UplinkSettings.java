package dev.outboard.transport.dpdk;

import dev.outboard.spi.Capabilities;
import dev.outboard.spi.Setting;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.transport.dpdk.ffi.DeviceName;
import dev.outboard.transport.dpdk.ffi.DpdkException;
import dev.outboard.transport.dpdk.ffi.Eal;
import java.util.ArrayList;
import java.util.List;

/**
 * What users set for an uplink, checked. Made by the control thread.
 *
 * @param devices one, or one for each guest
 * @param perGuest whether devices are guests' own
 * @param mtu the payload of a frame of the device's, a VLAN tag not counted
 * @param address who this host is, where frames travel in VXLAN; empty if they are as they are
 * @param gateway to peers that are not on the link
 * @param port of VXLAN
 * @param untagged the network whose frames have no VLAN tag
 * @param buffers packets to receive into, for each queue; 0: as the driver needs
 * @param zeroCopy whether payload is sent from guests' memory
 * @param offloads whether checksums and segmentation are left to a device that can do them
 * @param idleNanos the longest sleep of a port that nothing wakes
 */
record UplinkSettings(
    List<DeviceName> devices,
    boolean perGuest,
    Eal.Options eal,
    int mtu,
    String address,
    String gateway,
    int port,
    int untagged,
    int buffers,
    ZeroCopy.Wish zeroCopy,
    boolean offloads,
    long idleNanos) {
  static final List<Setting> ALL =
      List.of(
          new Setting(
              "device",
              Setting.Type.TEXT,
              "",
              "The device as DPDK names it: a PCI address (0000:03:00.0) or a virtual device with"
                  + " its arguments (net_af_xdp0,iface=eth1). Required."),
          new Setting(
              "per-guest",
              Setting.Type.FLAG,
              "false",
              "Whether each guest that names the uplink has a device of its own, such as a virtual"
                  + " function; device: lists them, separated by spaces."),
          new Setting(
              "mtu",
              Setting.Type.NUMBER,
              "1500",
              "The largest payload of an Ethernet frame of the device's; with an address, frames of"
                  + " guests have 50 bytes less over IPv4 and 70 over IPv6."),
          new Setting(
              "address",
              Setting.Type.TEXT,
              "",
              "The address of this host that peers send VXLAN to, with its prefix (192.0.2.7/24);"
                  + " the device answers for it. Empty: plain Ethernet."),
          new Setting(
              "gateway",
              Setting.Type.TEXT,
              "",
              "The router on the link that leads to peers elsewhere, if there is one."),
          new Setting("port", Setting.Type.NUMBER, "4789", "The UDP port of VXLAN of all hosts."),
          new Setting(
              "untagged",
              Setting.Type.NUMBER,
              "1",
              "Of plain Ethernet the network whose frames have no VLAN tag; another's have one with"
                  + " its number, which is 4094 at most."),
          new Setting(
              "huge-pages",
              Setting.Type.FLAG,
              "false",
              "Whether DPDK's memory is in huge pages, as real NICs want it. The same for all"
                  + " uplinks."),
          new Setting(
              "memory",
              Setting.Type.NUMBER,
              "512",
              "Megabytes of memory for all packets of all uplinks."),
          new Setting(
              "eal-arguments",
              Setting.Type.TEXT,
              "",
              "Further arguments for DPDK's environment (EAL), separated by spaces. The same for"
                  + " all uplinks."),
          new Setting(
              "buffers",
              Setting.Type.NUMBER,
              "0",
              "Packets to receive into, for each queue of the device; 0: as its driver needs."),
          new Setting(
              "zero-copy",
              Setting.Type.TEXT,
              ZeroCopy.Wish.OFF.toString(),
              "Whether the device reads frames' payload in guests' memory: on, off, or auto, which is"
                  + " on where the device can do that."),
          new Setting(
              "device-offloads",
              Setting.Type.FLAG,
              "true",
              "Whether the device fills checksums and cuts super-frames, if it can and there is no"
                  + " address; else the sidecar does."),
          new Setting(
              "idle-sleep",
              Setting.Type.NUMBER,
              "500",
              "The longest sleep in microseconds of a worker without frames, where the device can't"
                  + " wake it."));

  private static final int MOST_MTU = 16_000;
  private static final int MOST_NETWORK = 0xff_ffff;
  private static final int MOST_PORT = 0xffff;
  private static final int LEAST_MEMORY = 64;
  private static final int MOST_MEMORY = 1 << 20;
  private static final int FEWEST_BUFFERS = 128;
  private static final int MOST_BUFFERS = 1 << 20;
  private static final int LONGEST_IDLE = 1_000_000;
  private static final long NANOS = 1_000;

  static UplinkSettings of(TransportContext context) throws TransportException {
    boolean perGuest = Boolean.parseBoolean(context.setting("per-guest").trim());
    int buffers = context.number("buffers", 0, MOST_BUFFERS);
    if (buffers != 0 && buffers < FEWEST_BUFFERS) {
      throw new TransportException(
          "buffers: %d are too few, write %d or more, or 0".formatted(buffers, FEWEST_BUFFERS));
    }
    return new UplinkSettings(
        devices(context, perGuest),
        perGuest,
        new Eal.Options(
            Boolean.parseBoolean(context.setting("huge-pages").trim()),
            context.number("memory", LEAST_MEMORY, MOST_MEMORY),
            context.setting("eal-arguments").strip()),
        context.number("mtu", Capabilities.LEAST_MTU, MOST_MTU),
        context.setting("address").strip(),
        context.setting("gateway").strip(),
        context.number("port", 1, MOST_PORT),
        context.number("untagged", 0, MOST_NETWORK),
        buffers,
        zeroCopy(context.setting("zero-copy").strip()),
        Boolean.parseBoolean(context.setting("device-offloads").trim()),
        context.number("idle-sleep", 1, LONGEST_IDLE) * NANOS);
  }

  private static ZeroCopy.Wish zeroCopy(String text) throws TransportException {
    return ZeroCopy.Wish.of(text)
        .orElseThrow(
            () ->
                new TransportException(
                    "zero-copy: '%s' is none of on, off, auto"
                        .formatted(text.replaceAll("\\p{Cntrl}", "?"))));
  }

  private static List<DeviceName> devices(TransportContext context, boolean perGuest)
      throws TransportException {
    String text = context.setting("device").strip();
    if (text.isEmpty()) {
      throw new TransportException(
          "device is missing: a PCI address (0000:03:00.0) or a virtual device"
              + " (net_af_xdp0,iface=eth1)");
    }
    List<DeviceName> devices = new ArrayList<>();
    try {
      for (String one : perGuest ? text.split("\\s+", -1) : new String[] {text}) {
        devices.add(DeviceName.parse(one));
      }
    } catch (DpdkException e) {
      throw new TransportException("device: " + e.getMessage(), e);
    }
    return List.copyOf(devices);
  }

  /** The one device of all workers. */
  DeviceName device() {
    return devices.getFirst();
  }
}
