package dev.outboard.transport.tuntap;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.Namespaces;
import dev.outboard.spi.Counter;
import dev.outboard.spi.MacAddress;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.RegionTable;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.WorkerContext;
import java.util.HashMap;
import java.util.Map;

/** The sidecar as a transport sees it: its context, a worker with an epoll set, counters. */
final class TestHost implements TransportContext, WorkerContext, AutoCloseable {
  /** A task in a network namespace of its own, with a transport that is closed after it. */
  interface Task {
    void run(TestHost host) throws Exception;
  }

  final RegionTable regions = new RegionTable();
  final Map<String, Counter> counters = new HashMap<>();
  final Map<String, String> settings = new HashMap<>();
  final Epoll epoll = new Epoll();
  int wakes;
  Transport transport;

  private TestHost() throws LinuxException {
    new TuntapProvider()
        .settings()
        .forEach(setting -> settings.put(setting.name(), setting.defaultValue()));
    settings.put("pool.min", "0");
  }

  /** Runs the task on a thread in a private network, with an open transport. */
  static void run(Task task, String... settings) throws Exception {
    Namespaces.inPrivateNetwork(
        () -> {
          inThisNetwork(task, settings);
          return null;
        });
  }

  /** Runs the task with an open transport in the network of the calling thread. */
  static void inThisNetwork(Task task, String... settings) throws Exception {
    try (TestHost host = new TestHost()) {
      for (int i = 0; i < settings.length; i += 2) {
        host.settings.put(settings[i], settings[i + 1]);
      }
      host.transport = new TuntapProvider().open(host);
      task.run(host);
    }
  }

  TestGuest guest(int number) throws Exception {
    return guest(number, 7, "a");
  }

  TestGuest guest(int number, int network, String tenant) throws Exception {
    return new TestGuest(this, (TapPort) transport.openPort(spec(number, network, tenant, 1500)));
  }

  PortSpec spec(int number, int network, String tenant, int mtu) {
    return new TestSpec(
        "guest-" + number, tenant, network, new MacAddress(mac(number)), mtu, this::counter);
  }

  static long mac(int number) {
    return 0x5254_0000_0000L + number;
  }

  @Override
  public Counter counter(String name) {
    return counters.computeIfAbsent(name, _ -> new Counter());
  }

  long count(String name) {
    return counter(name).value();
  }

  @Override
  public String uplink() {
    return "lan";
  }

  @Override
  public String setting(String name) {
    return settings.get(name);
  }

  @Override
  public int workers() {
    return 1;
  }

  @Override
  public RegionTable regions() {
    return regions;
  }

  @Override
  public void failed(String reason) {
    throw new AssertionError(reason);
  }

  @Override
  public int worker() {
    return 0;
  }

  @Override
  public boolean watch(int fd) {
    try {
      epoll.add(fd, Epoll.IN | Epoll.EDGE_TRIGGERED, fd);
      return true;
    } catch (LinuxException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void unwatch(int fd) {
    try {
      epoll.remove(fd);
    } catch (LinuxException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void wake() {
    wakes++;
  }

  @Override
  public void close() {
    if (transport != null) {
      transport.close();
    }
    epoll.close();
  }
}
