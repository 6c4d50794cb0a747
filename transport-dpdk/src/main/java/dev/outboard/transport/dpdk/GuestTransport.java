package dev.outboard.transport.dpdk;

import dev.outboard.linux.LinuxException;
import dev.outboard.packet.Ethernet;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.transport.dpdk.ffi.DeviceName;
import dev.outboard.transport.dpdk.ffi.DpdkException;
import dev.outboard.transport.dpdk.ffi.FastPath;
import java.util.ArrayList;
import java.util.List;

/**
 * An open {@code dpdk} uplink whose devices are guests' own, one each. A device passes to another
 * guest when the first has left, while all run on. Control thread.
 */
final class GuestTransport implements Transport {
  private static final int MAX_FRAGMENTS = 1024;

  private final UplinkSettings settings;
  private final List<GuestDevice> devices = new ArrayList<>();

  private GuestTransport(UplinkSettings settings) {
    this.settings = settings;
  }

  static GuestTransport open(TransportContext context, UplinkSettings settings)
      throws DpdkException {
    GuestTransport transport = new GuestTransport(settings);
    try {
      for (DeviceName name : settings.devices()) {
        transport.devices.add(new GuestDevice(context, OpenDevice.open(name, settings, 1)));
      }
      return transport;
    } catch (DpdkException | RuntimeException e) {
      transport.close();
      throw e;
    }
  }

  @Override
  public Capabilities capabilities() {
    int common =
        devices.stream().mapToInt(one -> one.open().offloads()).reduce(-1, (a, b) -> a & b);
    return Capabilities.perGuest(settings.mtu(), MAX_FRAGMENTS).withOffloads(common);
  }

  @Override
  public GuestPort openPort(PortSpec spec) throws TransportException {
    if (spec.mtu() > settings.mtu()) {
      throw refused(
          spec,
          "the devices carry an MTU of at most %d, its network has %d"
              .formatted(settings.mtu(), spec.mtu()),
          null);
    }
    GuestDevice device =
        devices.stream()
            .filter(GuestDevice::isFree)
            .findFirst()
            .orElseThrow(() -> refused(spec, everyDeviceIsTaken(), null));
    SendBuffers buffers = null;
    try {
      device.enter(spec.guest(), spec.mac().bits());
      Drops drops = new Drops(spec::dropCounter);
      Wire wire = new GuestWire(spec.mac().bits(), drops, spec.dropCounter("other-destination"));
      FastPath path = device.open().path();
      buffers = SendBuffers.open(device.open(), settings.mtu(), false, drops);
      int longest = Ethernet.HEADER + spec.mtu();
      SendOffloads offloads = device.open().sendOffloads(longest);
      Sender sender = new Sender(wire, drops, buffers, offloads, path, longest);
      GuestReceiver receiver =
          new GuestReceiver(
              wire, path, spec.dropCounter("too-large"), spec.dropCounter("in-pieces"));
      IdleSleep sleep = new IdleSleep(device.device().readableFds(), settings.idleNanos());
      return new DevicePort(device, sender, receiver, sleep);
    } catch (DpdkException | LinuxException e) {
      device.leave();
      if (buffers != null) {
        buffers.close();
      }
      throw refused(spec, e.getMessage(), e);
    }
  }

  private String everyDeviceIsTaken() {
    return "all %d devices have guests already (or have failed); add devices, or use another uplink"
        .formatted(devices.size());
  }

  private TransportException refused(PortSpec spec, String why, Exception cause) {
    return new TransportException("no port for guest %s: %s".formatted(spec.guest(), why), cause);
  }

  @Override
  public void close() {
    devices.forEach(GuestDevice::close);
  }
}
