package dev.outboard.lab;

import dev.outboard.guest.dpdk.TestpmdConsole;
import dev.outboard.guest.dpdk.TestpmdConsole.PortStats;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * DPDK's interactive packet tool, at either end of a vhost-user socket. As a frontend (virtio-user)
 * it drives our rings at native speed and with every ring layout there is; as a backend (vhost) it
 * is the reference that we are measured against, and proves a frontend where ours is in doubt. It
 * says what it did in numbers per port.
 */
public final class Testpmd implements AutoCloseable {
  private final Process process;
  private final TestpmdConsole console;

  /**
   * How to run it.
   *
   * @param hugePages memory from huge pages, of which {@code ./check} provides 1 GiB for all
   * @param cpu the processor that the forwarding thread spins on, or {@link #ANY_CPU}
   * @param ring size of every ring of a frontend
   * @param device options of every port, such as {@code queues=2,packed_vq=1,mrg_rxbuf=0}
   * @param application arguments of testpmd itself, such as {@code --rxq=2 --txq=2}
   */
  public record Options(boolean hugePages, int cpu, int ring, String device, String application) {
    private static final int ANY_CPU = -1;

    public static final Options DEFAULT = new Options(false, 1, 1024, "", "");

    public Options withRing(int size) {
      return new Options(hugePages, cpu, size, device, application);
    }

    public Options withDevice(String options) {
      return new Options(hugePages, cpu, ring, options, application);
    }

    public Options withApplication(String arguments) {
      return new Options(hugePages, cpu, ring, device, arguments);
    }

    public Options onHugePages() {
      return new Options(true, cpu, ring, device, application);
    }

    public Options onCpu(int number) {
      return new Options(hugePages, number, ring, device, application);
    }

    /** Spins where the scheduler puts it. */
    public Options onAnyCpu() {
      return onCpu(ANY_CPU);
    }
  }

  private Testpmd(Options options, List<String> devices) {
    this(options, devices, "io", List.of());
  }

  /**
   * Starts one.
   *
   * @param mode what it does with packets, as {@code --forward-mode} has it
   * @param network the first words of its command, which bring it into its network
   */
  private Testpmd(Options options, List<String> devices, String mode, List<String> network) {
    // Its answers leave through stdio, which would keep them back on a pipe.
    List<String> command = new ArrayList<>(network);
    command.addAll(List.of("stdbuf", "-oL", "dpdk-testpmd"));
    String cpu = options.cpu == Options.ANY_CPU ? "(0,1)" : Integer.toString(options.cpu);
    command.addAll(List.of("--lcores", "0@(0,1),1@" + cpu));
    command.addAll(
        options.hugePages
            ? List.of("--in-memory", "--single-file-segments", "-m", "512")
            : List.of("--no-huge", "--no-shconf", "-m", "256"));
    command.addAll(List.of("--no-pci", "--no-telemetry"));
    for (String device : devices) {
      command.add("--vdev");
      command.add(options.device.isEmpty() ? device : device + "," + options.device);
    }
    command.addAll(List.of("--", "-i", "--nb-cores=1", "--forward-mode=" + mode, "--burst=32"));
    command.addAll(List.of("--no-flush-rx", "--total-num-mbufs=16384"));
    if (!options.application.isEmpty()) {
      command.addAll(List.of(options.application.split(" ", -1)));
    }
    process = Processes.start(command, Map.of());
    try {
      console = new TestpmdConsole(process);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * A frontend with one port for each socket; a backend must listen there. The ports have the MAC
   * addresses of the lab's guests 1, 2, ...; what {@code start tx_first} sends is addressed to the
   * other port of a pair, and circulates.
   */
  public static Testpmd virtioUser(Options options, Path... sockets) {
    return new Testpmd(
        options.withApplication(rings(options, 0, sockets.length)), ports(options, sockets));
  }

  /**
   * A frontend that sends what a capture file holds from its first port, and writes to another file
   * what its second port receives. To testpmd these are ports 1 and 2, the files ports 0 and 3.
   */
  public static Testpmd replay(Options options, Path in, Path out, Path from, Path to) {
    List<String> devices = new ArrayList<>(ports(options, from, to));
    devices.replaceAll(port -> port + (options.device.isEmpty() ? "" : "," + options.device));
    devices.addFirst("net_pcap0,rx_pcap=" + in);
    devices.addLast("net_pcap1,tx_pcap=" + out);
    return new Testpmd(
        options.withApplication(rings(options, 1, 2)).withDevice(""), List.copyOf(devices));
  }

  /**
   * A host on a wire, with one port, that answers by itself.
   *
   * @param device as DPDK names it, such as {@code net_af_packet0,iface=veth0}
   * @param mode {@code icmpecho}: it answers pings and ARP requests, whomever they ask; {@code
   *     macswap}: every frame goes back to its sender
   */
  public static Testpmd onWire(Namespace host, String device, String mode) {
    List<String> inside = host.enter(List.of());
    Testpmd testpmd =
        new Testpmd(
            Options.DEFAULT.onAnyCpu().withApplication("--txd=512 --rxd=512"),
            List.of(device),
            mode,
            inside);
    String _ = testpmd.command("start");
    return testpmd;
  }

  private static List<String> ports(Options options, Path... sockets) {
    List<String> devices = new ArrayList<>();
    for (int i = 0; i < sockets.length; i++) {
      String address = ",mac=" + mac(i) + ",path=" + sockets[i];
      devices.add("net_virtio_user" + i + ",queue_size=" + options.ring + address);
    }
    return devices;
  }

  /** Arguments for virtio-user ports from number {@code first} on. */
  private static String rings(Options options, int first, int ports) {
    StringBuilder arguments = new StringBuilder();
    arguments.append("--txd=").append(options.ring).append(" --rxd=").append(options.ring);
    for (int i = 0; i < ports; i++) {
      arguments.append(" --eth-peer=").append(first + i).append(',').append(mac(i ^ 1));
    }
    return arguments.append(' ').append(options.application).toString().strip();
  }

  /** A backend with one port for each socket, where it listens. */
  public static Testpmd vhost(Options options, Path... sockets) {
    List<String> devices = new ArrayList<>();
    for (Path socket : sockets) {
      devices.add("net_vhost" + devices.size() + ",iface=" + socket);
    }
    return new Testpmd(options, devices);
  }

  /** Gives a command at the prompt and returns what it printed. */
  public String command(String command) {
    return console.command(command);
  }

  /** The statistics of each port. */
  public List<PortStats> stats() {
    return console.stats();
  }

  /** The extended statistics of one port, by DPDK's names. */
  public Map<String, Long> extendedStats(int port) {
    return console.extendedStats(port);
  }

  /** The process, for tests that stop or kill it. */
  public ProcessHandle process() {
    return process.toHandle();
  }

  @Override
  public void close() {
    Processes.kill(process);
  }

  private static String mac(int port) {
    return GuestConfig.of(port + 1).mac();
  }
}
