package dev.outboard.transport.dpdk;

import dev.outboard.linux.LinuxException;
import dev.outboard.packet.Ethernet;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.SharedPort;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.transport.dpdk.ffi.DpdkException;
import dev.outboard.transport.dpdk.ffi.FastPath;
import dev.outboard.transport.dpdk.ffi.Packets;

/** An open {@code dpdk} uplink with a port for each worker. Control thread, where not said. */
final class DpdkTransport implements Transport {
  /** Frames are copied, so any number will do. */
  private static final int MAX_FRAGMENTS = 1024;

  /** Twice what a device's queue holds, so that its queue is full first. */
  private static final int PACKETS_TO_SEND = 2048;

  private final TransportContext context;
  private final UplinkSettings settings;
  private final OpenDevice device;
  private final Vlans vlans;
  private final FastPath path;
  private final QueueShare share;
  private final TransmitQueues transmitQueues;
  private final DeviceKeeper keeper;
  private final int region;

  private DpdkTransport(TransportContext context, UplinkSettings settings, OpenDevice device) {
    this.context = context;
    this.settings = settings;
    this.device = device;
    vlans = new Vlans(settings.untagged());
    path = device.path();
    share = new QueueShare(device.receiveQueues());
    transmitQueues =
        new TransmitQueues(device.transmitQueues(), context.workers(), device.isLockFree());
    region = context.regions().add(Packets.memory());
    keeper = new DeviceKeeper(context, device.device());
  }

  static DpdkTransport open(TransportContext context, UplinkSettings settings)
      throws DpdkException {
    return new DpdkTransport(
        context, settings, OpenDevice.open(settings.device(), settings, context.workers()));
  }

  UplinkSettings settings() {
    return settings;
  }

  /** Any thread. */
  QueueShare share() {
    return share;
  }

  /** Any thread. */
  TransmitQueues.Queue transmitQueue(int worker) {
    return transmitQueues.of(worker);
  }

  /** Why the device has failed for good, or null. Any thread. */
  String failure() {
    return keeper.failure();
  }

  Sender sender(Drops drops, PacketRing ring) {
    return new Sender(vlans, drops, ring, path, Ethernet.HEADER + settings.mtu());
  }

  Receiver receiver(Drops drops, QueueShare.Member member) {
    return new Receiver(vlans, drops, path, device.pool(), share, member, region);
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(Capabilities.Scope.SHARED, 0, settings.mtu(), MAX_FRAGMENTS);
  }

  @Override
  public SharedPort openSharedPort(int worker) throws TransportException {
    PacketRing ring = null;
    try {
      ring =
          new PacketRing(
              PACKETS_TO_SEND, OpenDevice.bufferBytes(settings.mtu()), device.device().socket());
      return new DpdkPort(this, new Drops(context::counter), ring);
    } catch (DpdkException | LinuxException e) {
      if (ring != null) {
        ring.close();
      }
      throw new TransportException(
          "uplink %s: no port for worker %d: %s"
              .formatted(context.uplink(), worker, e.getMessage()),
          e);
    }
  }

  @Override
  public NextHop openPeer(int network, String endpoint) throws TransportException {
    return vlans.open(network, endpoint);
  }

  @Override
  public void close() {
    keeper.close();
    device.close();
    context.regions().remove(region);
  }
}
