package dev.outboard.packet;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.outboard.linux.Links;
import dev.outboard.linux.Namespaces;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A host with the kernel's own stack, in a network of its own; a TAP is its only card. */
final class KernelHost implements AutoCloseable {
  private static final int MTU = 1500;

  final TestTap tap;
  final InetSocketAddress address;
  final ServerSocketChannel server;
  final SocketChannel client;
  final DatagramChannel datagrams;
  private final RandomAccessFile counters;
  private final RandomAccessFile counters6;

  private KernelHost(String ip, long mac, int offloads) throws Exception {
    boolean ipv4 = ip.indexOf(':') < 0;
    tap = new TestTap("eth0", MTU, offloads);
    Links.setMac("eth0", mac);
    if (ipv4) {
      Links.disableIpv6("eth0");
    }
    Links.setUp("eth0");
    if (ipv4) {
      ip("address", "add", ip + "/24", "dev", "eth0");
    } else {
      ip("address", "add", ip + "/64", "dev", "eth0", "nodad");
    }
    address = new InetSocketAddress(ip, TestFrame.PORT);
    server = ServerSocketChannel.open().bind(address);
    client = SocketChannel.open();
    datagrams = DatagramChannel.open().bind(address);
    counters = new RandomAccessFile("/proc/thread-self/net/snmp", "r");
    counters6 = new RandomAccessFile("/proc/thread-self/net/snmp6", "r");
  }

  /** Starts a host whose TAP takes these offloads. */
  static KernelHost start(String ip, long mac, int offloads) throws Exception {
    return Namespaces.inPrivateNetwork(() -> new KernelHost(ip, mac, offloads));
  }

  static void ip(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
  }

  /** Frames that the host's TCP and UDP found damaged, as its kernel has counted them. */
  long damaged() throws IOException {
    long sum = 0;
    List<String> lines = lines(counters);
    for (int i = 0; i + 1 < lines.size(); i += 2) {
      String[] names = lines.get(i).split(" ", -1);
      String[] values = lines.get(i + 1).split(" ", -1);
      for (int n = 1; n < names.length; n++) {
        if (isDamage(names[0] + names[n])) {
          sum += Long.parseLong(values[n]);
        }
      }
    }
    for (String line : lines(counters6)) {
      String[] words = line.trim().split("\\s+", -1);
      if (words.length == 2 && isDamage(words[0])) {
        sum += Long.parseLong(words[1]);
      }
    }
    return sum;
  }

  private static boolean isDamage(String counter) {
    String name = counter.toLowerCase(Locale.ROOT);
    return (name.startsWith("tcp") || name.startsWith("udp") || name.startsWith("ip"))
        && (name.endsWith("inerrs")
            || name.endsWith("inerrors")
            || name.endsWith("incsumerrors")
            || name.endsWith("inhdrerrors")
            || name.endsWith("intruncatedpkts"));
  }

  private static List<String> lines(RandomAccessFile file) throws IOException {
    file.seek(0);
    List<String> lines = new ArrayList<>();
    for (String line = file.readLine(); line != null; line = file.readLine()) {
      lines.add(line);
    }
    return lines;
  }

  @Override
  public void close() throws IOException {
    tap.close();
    server.close();
    client.close();
    datagrams.close();
    counters.close();
    counters6.close();
  }
}
