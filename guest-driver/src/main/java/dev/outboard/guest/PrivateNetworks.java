package dev.outboard.guest;

import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Links;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Namespaces;
import dev.outboard.linux.Tap;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Networks of the baselines, each in namespaces of its own that end with the sockets and TAPs made
 * there: nothing has to be cleaned up, whatever happens to the process. Cold; needs root.
 */
public final class PrivateNetworks {
  private static final String FAR_END = "veth1";
  private static final String NEAR_END = "veth0";
  private static final String BRIDGE = "br0";
  private static final int PORT = 7000;
  private static final int SECONDS = 10;

  private PrivateNetworks() {}

  /** Two TAPs on a bridge in a new namespace; the caller closes the descriptors. */
  public static int[] tapPair(int mtu) throws Exception {
    return Namespaces.inPrivateNetwork(() -> tapPairHere(mtu));
  }

  /** The same in the calling thread's namespace. */
  public static int[] tapPairHere(int mtu) throws LinuxException {
    Links.createBridge(BRIDGE);
    Links.disableIpv6(BRIDGE);
    int[] taps = {-1, -1};
    try {
      for (int i = 0; i < taps.length; i++) {
        taps[i] = addTap(BRIDGE, "tap" + i, mtu);
      }
      Links.setUp(BRIDGE);
      return taps;
    } catch (LinuxException e) {
      for (int tap : taps) {
        FileDescriptors.close(tap);
      }
      throw e;
    }
  }

  /** A TAP in the calling thread's network, up and a port of a bridge; the descriptor. */
  static int addTap(String bridge, String name, int mtu) throws LinuxException {
    int tap = Tap.create(name);
    try {
      Links.disableIpv6(name);
      Links.setMtu(name, mtu);
      Links.addToBridge(bridge, name);
      Links.setUp(name);
      return tap;
    } catch (LinuxException e) {
      FileDescriptors.close(tap);
      throw e;
    }
  }

  /** Two sockets in a namespace each, with a veth pair between; needs the {@code ip} command. */
  public static HostPeer[] hostPair(Endpoint a, Endpoint b, int mtu) throws Exception {
    CompletableFuture<String> thread = new CompletableFuture<>();
    CountDownLatch wired = new CountDownLatch(1);
    CompletableFuture<HostPeer> second = new CompletableFuture<>();
    Thread other =
        Thread.ofPlatform()
            .name("host-b")
            .start(
                () -> {
                  try {
                    Namespaces.unshareNetwork();
                    thread.complete(threadId());
                    if (!wired.await(SECONDS, TimeUnit.SECONDS)) {
                      throw new IOException("the other end of the veth pair did not come");
                    }
                    second.complete(hostPeer(FAR_END, b, a, mtu));
                  } catch (Exception e) {
                    thread.completeExceptionally(e);
                    second.completeExceptionally(e);
                  }
                });
    try {
      HostPeer first =
          Namespaces.inPrivateNetwork(
              () -> {
                String peer = thread.get(SECONDS, TimeUnit.SECONDS);
                addVeth(peer);
                wired.countDown();
                return hostPeer(NEAR_END, a, b, mtu);
              });
      return new HostPeer[] {first, second.get(SECONDS, TimeUnit.SECONDS)};
    } finally {
      wired.countDown();
      other.join();
    }
  }

  /**
   * A socket in the calling thread's namespace and a process in one of its own, with a veth pair
   * between; needs the commands {@code ip}, {@code setpriv} and {@code unshare}.
   */
  static GuestDevice[] processPairHere(Endpoint a, Endpoint b, int mtu, List<String> far)
      throws IOException {
    FarGuest other = FarGuest.start(List.of("unshare", "--net", "--"), plus(far, FAR_END));
    try {
      addVeth(Long.toString(other.pid()));
      HostPeer first = hostPeer(NEAR_END, a, b, mtu);
      other.connect();
      return new GuestDevice[] {first, other};
    } catch (IOException | RuntimeException e) {
      other.close();
      throw e;
    }
  }

  /**
   * The same in two networks that are there already, and joined by a device of one name in each.
   * Needs the commands {@code ip}, {@code setpriv} and {@code nsenter}.
   */
  static GuestDevice[] processPair(
      Path[] networks, String link, Endpoint a, Endpoint b, int mtu, List<String> far)
      throws Exception {
    List<String> enter = List.of("nsenter", "--net=" + networks[1], "--");
    FarGuest other = FarGuest.start(enter, plus(far, link));
    try {
      HostPeer first = Namespaces.inNetwork(networks[0], () -> hostPeer(link, a, b, mtu));
      other.connect();
      return new GuestDevice[] {first, other};
    } catch (Exception e) {
      other.close();
      throw e;
    }
  }

  private static List<String> plus(List<String> far, String link) {
    List<String> settings = new ArrayList<>(far);
    settings.add("link=" + link);
    return settings;
  }

  /** A TAP in each of two networks, a port of the bridge of that name which is there. */
  static int[] tapPair(Path[] networks, String bridge, int mtu) throws Exception {
    int[] taps = {-1, -1};
    try {
      for (int i = 0; i < taps.length; i++) {
        taps[i] = Namespaces.inNetwork(networks[i], () -> addTap(bridge, "tap0", mtu));
      }
      return taps;
    } catch (Exception e) {
      for (int tap : taps) {
        FileDescriptors.close(tap);
      }
      throw e;
    }
  }

  /** Both ends of a veth pair, one in the namespace of another process or thread. */
  private static void addVeth(String peer) throws IOException {
    ip("link", "add", NEAR_END, "type", "veth", "peer", "name", FAR_END, "netns", peer);
  }

  static HostPeer hostPeer(String link, Endpoint own, Endpoint peer, int mtu) throws IOException {
    if (own.isIpv4()) {
      Links.disableIpv6(link);
    }
    Links.setMtu(link, mtu);
    Links.setMac(link, own.mac());
    Links.setUp(link);
    String address = own.address().getHostAddress();
    ip("address", "add", address + (own.isIpv4() ? "/24" : "/64"), "dev", link);
    return new HostPeer(
        new InetSocketAddress(own.address(), PORT), new InetSocketAddress(peer.address(), PORT));
  }

  /** The calling thread's id, which stands for its namespace. */
  private static String threadId() throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString();
  }

  /** Runs {@code ip}, which a child of this thread does in this thread's namespace. */
  private static void ip(String... arguments) throws IOException {
    String[] command = new String[arguments.length + 1];
    command[0] = "ip";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in " + String.join(" ", command), e);
    }
  }
}
