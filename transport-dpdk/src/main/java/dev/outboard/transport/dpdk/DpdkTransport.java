package dev.outboard.transport.dpdk;

import dev.outboard.linux.LinuxException;
import dev.outboard.packet.Ethernet;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.NextHop;
import dev.outboard.spi.Region;
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

  private final TransportContext context;
  private final UplinkSettings settings;
  private final OpenDevice device;
  private final Peers peers;
  private final FastPath path;
  private final QueueShare share;
  private final TransmitQueues transmitQueues;
  private final DeviceKeeper keeper;
  private final int region;

  private DpdkTransport(
      TransportContext context, UplinkSettings settings, OpenDevice device, Peers peers) {
    this.context = context;
    this.settings = settings;
    this.device = device;
    this.peers = peers;
    path = device.path();
    share = new QueueShare(device.receiveQueues());
    transmitQueues =
        new TransmitQueues(device.transmitQueues(), context.workers(), device.isLockFree());
    region = context.regions().add(Packets.memory());
    keeper = new DeviceKeeper(context, device.device());
  }

  static DpdkTransport open(TransportContext context, UplinkSettings settings)
      throws DpdkException, TransportException {
    OpenDevice device = OpenDevice.open(settings.device(), settings, context.workers());
    try {
      Peers peers = Peers.of(settings, device.ownAddress());
      return new DpdkTransport(context, settings, device, peers);
    } catch (TransportException | RuntimeException e) {
      device.close();
      throw e;
    }
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

  /** The device reads where it must not any more. Any thread. */
  void stuck() {
    keeper.fail("it does not let go of frames");
  }

  Receiver receiver(Wire wire, Drops drops, QueueShare.Member member) {
    return new Receiver(wire, drops, path, device.pool(), share, member, region);
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.shared(peers.mtu(), MAX_FRAGMENTS)
        .withOffloads(device.offloads())
        .withHoldsFrames(device.readable() != null);
  }

  @Override
  public void memoryAdded(Region region) {
    device.memoryAdded(region);
  }

  @Override
  public void memoryRemoved(Region region) {
    device.memoryRemoved(region);
  }

  @Override
  public SharedPort openSharedPort(int worker) throws TransportException {
    Drops drops = new Drops(context::counter);
    Wire wire = peers.wire(drops, context::counter);
    SendBuffers buffers = null;
    try {
      buffers = SendBuffers.open(device, settings.mtu(), peers.mayWait(), drops);
      IdleSleep sleep = new IdleSleep(device.device().readableFds(), settings.idleNanos());
      int longest = Ethernet.HEADER + peers.mtu();
      Sender sender = new Sender(wire, drops, buffers, device.sendOffloads(longest), path, longest);
      return new DpdkPort(this, wire, sender, drops, sleep);
    } catch (DpdkException | LinuxException e) {
      if (buffers != null) {
        buffers.close();
      }
      throw new TransportException(
          "no port for worker %d: %s".formatted(worker, e.getMessage()), e);
    }
  }

  @Override
  public NextHop openPeer(int network, String endpoint) throws TransportException {
    NextHop hop = peers.open(network, endpoint);
    share.wakeAll();
    return hop;
  }

  @Override
  public void close() {
    keeper.close();
    device.close();
    context.regions().remove(region);
  }
}
