package dev.outboard.lab;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * DPDK's interactive packet tool, at either end of a vhost-user socket. As a frontend (virtio-user)
 * it drives our rings at native speed and with every ring layout there is; as a backend (vhost) it
 * is the reference that we are measured against, and proves a frontend where ours is in doubt. It
 * says what it did in numbers per port.
 */
public final class Testpmd implements AutoCloseable {
  private static final String PROMPT = "testpmd> ";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Pattern STATISTIC = Pattern.compile("([RT][Xx]-[a-z]+): +([0-9]+)");
  private static final Pattern EXTENDED = Pattern.compile("(?m)^(\\w+): ([0-9]+)");

  private final Process process;
  private final StringBuilder output = new StringBuilder();
  private boolean ended;

  /**
   * How to run it.
   *
   * @param hugePages memory from huge pages, of which {@code ./check} provides 1 GiB for all
   * @param cpu the processor that the forwarding thread spins on
   * @param ring size of every ring of a frontend
   * @param device options of every port, such as {@code queues=2,packed_vq=1,mrg_rxbuf=0}
   * @param application arguments of testpmd itself, such as {@code --rxq=2 --txq=2}
   */
  public record Options(boolean hugePages, int cpu, int ring, String device, String application) {
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
  }

  /** The counters of a port since its start, and its rates since they were last asked for. */
  public record PortStats(
      long rxPackets,
      long rxMissed,
      long rxBytes,
      long rxErrors,
      long rxNoBuffer,
      long txPackets,
      long txErrors,
      long txBytes,
      long rxRate,
      long txRate) {}

  private Testpmd(Options options, List<String> devices) {
    // Its answers leave through stdio, which would keep them back on a pipe.
    List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", "dpdk-testpmd"));
    command.addAll(List.of("--lcores", "0@(0,1),1@" + options.cpu));
    command.addAll(
        options.hugePages
            ? List.of("--in-memory", "--single-file-segments", "-m", "512")
            : List.of("--no-huge", "--no-shconf", "-m", "256"));
    command.addAll(List.of("--no-pci", "--no-telemetry"));
    for (String device : devices) {
      command.add("--vdev");
      command.add(options.device.isEmpty() ? device : device + "," + options.device);
    }
    command.addAll(List.of("--", "-i", "--nb-cores=1", "--forward-mode=io", "--burst=32"));
    command.addAll(List.of("--no-flush-rx", "--total-num-mbufs=16384"));
    if (!options.application.isEmpty()) {
      command.addAll(List.of(options.application.split(" ", -1)));
    }
    process = Processes.start(command, Map.of());
    Thread.ofPlatform().name("testpmd-output").daemon().start(this::readOutput);
    try {
      answer(0);
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
  public synchronized String command(String command) {
    int from;
    synchronized (output) {
      from = output.length();
    }
    try {
      process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException("testpmd is gone", e);
    }
    return answer(from);
  }

  /** The statistics of each port. */
  public List<PortStats> stats() {
    List<PortStats> ports = new ArrayList<>();
    for (String port : command("show port stats all").split("NIC statistics for port", -1)) {
      Map<String, Long> values = new LinkedHashMap<>();
      Matcher matcher = STATISTIC.matcher(port);
      while (matcher.find()) {
        values.put(matcher.group(1), Long.valueOf(matcher.group(2)));
      }
      if (!values.isEmpty()) {
        ports.add(
            new PortStats(
                values.get("RX-packets"),
                values.get("RX-missed"),
                values.get("RX-bytes"),
                values.get("RX-errors"),
                values.get("RX-nombuf"),
                values.get("TX-packets"),
                values.get("TX-errors"),
                values.get("TX-bytes"),
                values.get("Rx-pps"),
                values.get("Tx-pps")));
      }
    }
    return ports;
  }

  /** The extended statistics of one port, by DPDK's names. */
  public Map<String, Long> extendedStats(int port) {
    Map<String, Long> values = new LinkedHashMap<>();
    Matcher matcher = EXTENDED.matcher(command("show port xstats " + port));
    while (matcher.find()) {
      values.put(matcher.group(1), Long.valueOf(matcher.group(2)));
    }
    return values;
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

  private String answer(int from) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (output) {
      while (true) {
        int prompt = output.indexOf(PROMPT, from);
        if (prompt >= 0) {
          return output.substring(from, prompt);
        }
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (ended || left <= 0) {
          throw new IllegalStateException(
              "testpmd " + (ended ? "ended" : "hangs") + ":\n" + output.substring(from));
        }
        try {
          output.wait(left);
        } catch (InterruptedException e) {
          throw Processes.interrupted(e);
        }
      }
    }
  }

  private void readOutput() {
    char[] chunk = new char[4096];
    int length = 0;
    try (Reader reader = process.inputReader(StandardCharsets.UTF_8)) {
      while ((length = reader.read(chunk)) >= 0) {
        synchronized (output) {
          output.append(chunk, 0, length);
          output.notifyAll();
        }
      }
    } catch (IOException e) {
      length = -1; // it was killed
    }
    synchronized (output) {
      ended = true;
      output.notifyAll();
    }
  }
}
