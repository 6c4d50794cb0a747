package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.Iperf3;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.QemuGuest;
import dev.outboard.testing.SideBySide;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two unmodified Linux guests with two processors and two queue pairs each, served by two workers.
 * Their driver takes both pairs by itself and sends by the one that belongs to the processor; so
 * two senders, one on each, use both.
 */
@SideBySide
final class SpreadLinuxGuestTest {
  private static final QemuGuest.Extra TWO_PAIRS = new QemuGuest.Extra("", "queues=2", "mq=on");
  private static final String ON_FIRST_CPU = "-P 2 -A 0";
  private static final String ON_SECOND_CPU = "-P 4 -A 1";
  private static final int OTHER_PORT = 5202;
  private static final long MANY_CALLS = 50;

  @Test
  void sendersOnBothProcessorsUseBothWorkersAndGoOnWhileTheGuestIsMoved(@TempDir Path folder)
      throws Exception {
    Lab.require();
    try (Namespace network = Namespace.create();
        Sidecar sidecar = new Sidecar(folder, network, "workers: 2\n");
        LinuxGuest one = QemuGuest.vhostUser(GuestConfig.of(1), attach(sidecar, 1), TWO_PAIRS);
        LinuxGuest two = QemuGuest.vhostUser(GuestConfig.of(2), attach(sidecar, 2), TWO_PAIRS)) {
      one.awaitReady();
      two.awaitReady();
      assertEquals("[0,1]", sidecar.guest("guest1").path("workers").toString());
      Traffic.ping(one, two);
      Iperf3.serve(two);
      two.run("iperf3 -s -D -p " + OTHER_PORT + " >/dev/null 2>&1; sleep 0.3");
      one.background(
          "iperf3 -c %s -p %d -t 12 %s".formatted(two.config().address(), OTHER_PORT, ON_FIRST_CPU),
          "/tmp/iperf3.log");
      List<Long> before = calls(sidecar);
      Iperf3 apart = Iperf3.run(one, two.config().address(), 3, ON_SECOND_CPU);
      List<Long> after = calls(sidecar);
      for (int worker = 0; worker < 2; worker++) {
        assertTrue(after.get(worker) - before.get(worker) > MANY_CALLS, before + " " + after);
      }
      Thread mover = Thread.ofPlatform().start(() -> move(sidecar));
      Iperf3 moved = Iperf3.run(one, two.config().address(), 3, ON_SECOND_CPU);
      mover.join();
      System.out.printf(
          "figure: QEMU guests with two queue pairs, iperf3 -P 4 beside -P 2: %.2f Gbit/s,"
              + " %.2f while they are moved apart and together%n",
          apart.gbits(), moved.gbits());
      assertTrue(apart.gbits() > 0.01 && moved.gbits() > 0.01, apart + " " + moved);
      assertEquals("[1,0]", sidecar.guest("guest1").path("workers").toString());
      Traffic.ping(two, one);
      assertEquals(0, sidecar.terminate(), sidecar.said());
    }
  }

  private static Path attach(Sidecar sidecar, int number) throws Exception {
    GuestConfig config = GuestConfig.of(number);
    return sidecar.attach(
        "guest" + number, "--mac", config.mac(), "--frontend", "qemu", "--queues", "2");
  }

  /** How many doorbells each worker has rung. */
  private static List<Long> calls(Sidecar sidecar) {
    List<Long> calls = new ArrayList<>();
    for (JsonNode worker : sidecar.stats().path("workers")) {
      calls.add(worker.path("calls").asLong());
    }
    return calls;
  }

  private static void move(Sidecar sidecar) {
    try {
      for (String workers : List.of("0", "1", "0,1", "1", "1,0")) {
        Thread.sleep(400);
        String said = sidecar.outboard("move", "guest1", "--worker", workers);
        assertTrue(said.startsWith("guest guest1: on worker"), said);
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
