package dev.outboard.transport.dpdk.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A device ("port" in DPDK's words): added, configured, started, closed and removed by the control
 * thread. What is sent and received goes by its {@link FastPath}.
 */
public final class Device implements AutoCloseable {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfChar SHORT = ValueLayout.JAVA_CHAR;

  private static final Layout LAYOUT = Libraries.loaded().layout();

  /** More than any version needs for what it writes. */
  private static final int ROOM = 4096;

  private static final int SPREAD = 1;
  private static final int RECEIVE_INTERRUPTS = 2;
  private static final int DESCRIPTORS = 1024;
  private static final int NOT_SUPPORTED = -95;

  /** EFAULT: the name could not be parsed. */
  private static final int NO_DRIVER = -14;

  private static final String VIRTUAL_DEVICES =
      "net_af_packet, net_af_xdp, net_memif, net_null, net_pcap, net_ring, net_tap, with a number behind";

  private final DeviceName name;

  /** Its name in DPDK. */
  private final String called;

  private final int port;

  /** Receive queues that nobody but {@link RingCable} uses. */
  private final int spareQueues;

  private final DeviceSockets sockets;
  private boolean started;

  private Device(DeviceName name, String called, int spareQueues, DeviceSockets sockets)
      throws DpdkException {
    this.name = name;
    this.called = called;
    this.spareQueues = spareQueues;
    this.sockets = sockets;
    port = EthdevCalls.portByName(called);
    if (port < 0) {
      throw new DpdkException("can't find the device " + name, port, "");
    }
  }

  /** How a device is to be set up. */
  public record Setup(
      int receiveQueues, int transmitQueues, int mtu, long transmitOffloads, boolean interrupts) {}

  /** Adds a device to this process. EAL runs. */
  public static Device add(DeviceName name) throws DpdkException {
    synchronized (Eal.LOCK) {
      EalLog.begin();
      DeviceSockets sockets = DeviceSockets.before(name);
      boolean cable = RingCable.isMeant(name);
      String called = cable ? RingCable.deviceName(name) : name.name();
      if (EthdevCalls.portByName(called) >= 0) {
        throw new DpdkException("the device " + name + " is in use, by another uplink");
      }
      if (cable) {
        int queues = RingCable.plug(name);
        return new Device(name, called, queues, sockets);
      }
      int result = EthdevCalls.add(name.bus(), called, name.arguments());
      String log = EalLog.end();
      if (result == NO_DRIVER) {
        throw new DpdkException(
            "no driver of this DPDK is for the device %s; virtual devices are %s"
                .formatted(name, VIRTUAL_DEVICES));
      }
      if (result < 0) {
        throw new DpdkException("can't add the device " + name, result, log);
      }
      return new Device(name, called, 0, sockets);
    }
  }

  /** As the user has written it. */
  public DeviceName name() {
    return name;
  }

  /** What it can do. */
  public DeviceInfo info() throws DpdkException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(ROOM, Long.BYTES);
      check("ask the device " + name, EthdevCalls.info(port, info.address()));
      Layout.DeviceInfo at = LAYOUT.info();
      return new DeviceInfo(
          Native.textAt(info.get(LONG, at.driverName())),
          info.get(INT, at.interfaceIndex()),
          info.get(SHORT, at.maxMtu()),
          info.get(INT, at.maxReceiveLength()),
          info.get(SHORT, at.maxReceiveQueues()) - spareQueues,
          info.get(SHORT, at.maxTransmitQueues()),
          info.get(LONG, at.receiveOffloads()),
          info.get(LONG, at.transmitOffloads()),
          info.get(LONG, at.rssTypes()),
          info.get(SHORT, at.transmitDescriptors() + 6));
    }
  }

  /** Sets it up and starts it; it receives into packets of the pool. */
  public void start(Setup setup, Pool pool) throws DpdkException {
    synchronized (Eal.LOCK) {
      try {
        startQueues(setup, pool);
      } finally {
        sockets.find();
      }
    }
  }

  private void startQueues(Setup setup, Pool pool) throws DpdkException {
    EalLog.begin();
    configure(setup);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment counts = arena.allocate(2L * Character.BYTES, Character.BYTES);
      counts.setAtIndex(SHORT, 0, (char) DESCRIPTORS);
      counts.setAtIndex(SHORT, 1, (char) DESCRIPTORS);
      check("size the queues of " + name, EthdevCalls.adjust(port, counts.address()));
      int receive = counts.getAtIndex(SHORT, 0);
      int transmit = counts.getAtIndex(SHORT, 1);
      int socket = EthdevCalls.socket(port);
      for (int queue = 0; queue < setup.receiveQueues + spareQueues; queue++) {
        check(
            "set up receive queue %d of %s".formatted(queue, name),
            EthdevCalls.receiveQueue(port, queue, receive, socket, pool.address()));
      }
      for (int queue = 0; queue < setup.transmitQueues; queue++) {
        check(
            "set up transmit queue %d of %s".formatted(queue, name),
            EthdevCalls.transmitQueue(port, queue, transmit, socket));
      }
    }
    check("start the device " + name, EthdevCalls.start(port));
    started = true;
  }

  private void configure(Setup setup) throws DpdkException {
    DeviceInfo info = info();
    Layout.DeviceConfiguration at = LAYOUT.configuration();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment conf = arena.allocate(ROOM, Long.BYTES);
      conf.set(INT, at.mtu(), setup.mtu);
      conf.set(LONG, at.transmitOffloads(), setup.transmitOffloads & info.transmitOffloads());
      if (setup.receiveQueues > 1 && info.rssTypes() != 0) {
        conf.set(INT, at.receiveMode(), SPREAD);
        conf.set(LONG, at.rssTypes(), info.rssTypes());
      }
      if (setup.interrupts) {
        conf.set(INT, at.interrupts(), RECEIVE_INTERRUPTS);
      }
      check(
          "configure the device " + name,
          EthdevCalls.configure(
              port, setup.receiveQueues + spareQueues, setup.transmitQueues, conf.address()));
    }
  }

  /** Lets it receive what is for others, too: frames of guests have addresses of their own. */
  public void receiveAll() throws DpdkException {
    for (int result : new int[] {EthdevCalls.promiscuous(port), EthdevCalls.allMulticast(port)}) {
      if (result != NOT_SUPPORTED) {
        check("let the device " + name + " receive all frames", result);
      }
    }
  }

  /** Its functions as they are now. */
  public FastPath fastPath(int receiveQueues, int transmitQueues) {
    return new FastPath(port, receiveQueues, transmitQueues);
  }

  /**
   * Whether a transmit queue can be asked to let go of what it has sent, and be made to. Before
   * anything is sent.
   */
  public boolean canLetGo(int queue) {
    return EthdevCalls.transmitDone(port, queue) >= 0
        && EthdevCalls.transmitRestart(port, queue) >= 0;
  }

  /** What DPDK calls the piece of hardware. */
  long busDevice() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(ROOM, Long.BYTES);
      int _ = EthdevCalls.info(port, info.address());
      return info.get(LONG, 0);
    }
  }

  /** Its NUMA node, or -1. */
  public int socket() {
    return EthdevCalls.socket(port);
  }

  /** Its own Ethernet address, in the order of the wire, in 48 bits. */
  public long address() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Long.BYTES, Long.BYTES);
      int _ = EthdevCalls.address(port, bytes.address());
      return Long.reverseBytes(bytes.get(LONG, 0)) >>> 16;
    }
  }

  /** Gives it another Ethernet address; whether it can have one. */
  public boolean setAddress(long address) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Long.BYTES, Long.BYTES);
      bytes.set(LONG, 0, Long.reverseBytes(address << 16));
      return EthdevCalls.setAddress(port, bytes.address()) == 0;
    }
  }

  /** What it has counted. Any thread, until it is closed. */
  public DeviceStatistics statistics() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment at = arena.allocate(ROOM, Long.BYTES);
      int _ = EthdevCalls.statistics(port, at.address());
      return new DeviceStatistics(
          at.getAtIndex(LONG, 0),
          at.getAtIndex(LONG, 1),
          at.getAtIndex(LONG, 4),
          at.getAtIndex(LONG, 5),
          at.getAtIndex(LONG, 6),
          at.getAtIndex(LONG, 7));
    }
  }

  /** Whether its link is up. Any thread, until it is closed. */
  public boolean isLinkUp() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment link = arena.allocate(Long.BYTES, Long.BYTES);
      return EthdevCalls.link(port, link.address()) == 0 && (link.get(INT, Integer.BYTES) & 4) != 0;
    }
  }

  /** Whether it was pulled out. Any thread, until it is closed. */
  public boolean isRemoved() {
    return EthdevCalls.isRemoved(port) == 1;
  }

  /**
   * Descriptors of the kernel that become readable when frames arrive at any of its queues; none
   * for most devices. The control thread.
   */
  public List<Integer> readableFds() {
    return List.copyOf(sockets.readable());
  }

  private static void check(String operation, int result) throws DpdkException {
    if (result < 0) {
      throw new DpdkException("can't " + operation, result, EalLog.end());
    }
  }

  /** Stops and removes it; packets that it has come back to their pools. */
  @Override
  public void close() {
    synchronized (Eal.LOCK) {
      if (started && spareQueues > 0) {
        RingCable.drain(name, fastPath(2 * spareQueues, 0));
      }
      if (started) {
        int _ = EthdevCalls.stop(port);
      }
      sockets.beforeClose();
      int _ = EthdevCalls.close(port);
      int _ = EthdevCalls.remove(name.bus(), called);
      sockets.closeLeft();
      if (spareQueues > 0) {
        RingCable.unplug(name);
      }
    }
  }
}
