package dev.outboard.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.outboard.engine.Engine;
import dev.outboard.engine.EngineException;
import dev.outboard.engine.EngineSettings;
import dev.outboard.engine.Frontend;
import dev.outboard.engine.GuestSocket;
import dev.outboard.engine.GuestSpec;
import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNet;
import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.guest.vhost.VhostUserMessage;
import dev.outboard.isolation.Shared;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.spi.MacAddress;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each front-end we can run lives through a guest's life behind a relay that watches what it asks
 * for: {@code docs/frontends.md} must say just that. With {@code -Doutboard.frontends=rewrite} the
 * file is written instead.
 */
@SideBySide
class FrontendsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String FILE = "docs/frontends.md";

  /** Where the engine keeps what it serves; nobody but this table has to know. */
  private static final String REQUESTS = "dev.outboard.engine.vhostuser.Request";

  /** Our own driver alone uses these; this test has their bytes from the specification. */
  private static final String BYTE_TEST = "SpecificationBytesTest";

  @TempDir Path folder;
  private int guests;

  @BeforeAll
  static void hostCanRunGuests() {
    Lab.require();
  }

  @Test
  void theTableSaysWhatEachFrontendUses() throws Exception {
    Map<String, FrontendRecord> columns = new LinkedHashMap<>();
    columns.put("QEMU " + version("7.2", "qemu-system-x86_64", "--version"), new FrontendRecord());
    columns.put("UML " + version("6.1", "linux.uml", "--version"), new FrontendRecord());
    columns.put("virtio-user", new FrontendRecord());
    columns.put(FrontendTable.OWN, new FrontendRecord());
    List<FrontendRecord> records = List.copyOf(columns.values());
    try (Engine engine = start()) {
      qemu(engine, records.get(0));
      uml(engine, records.get(1));
      virtioUser(engine, records.get(2));
      ownDriver(engine, records.get(3));
    }
    FrontendTable table = new FrontendTable(columns, requests(), BYTE_TEST);
    Path file = Lab.root().resolve(FILE);
    if (System.getProperty("outboard.frontends", "").equals("rewrite")) {
      Files.writeString(file, table.text());
    }
    String bytes = byteTest();
    for (String row : table.ownAlone()) {
      assertTrue(bytes.contains(row), row + " is not in " + BYTE_TEST);
    }
    assertEquals(Files.readString(file), table.text());
  }

  private static Engine start() throws EngineException {
    return Engine.start(
        EngineSettings.defaults(), new Shared(), Engine.epoll(), System.out::println);
  }

  private void qemu(Engine engine, FrontendRecord record) throws Exception {
    for (String ring : List.of("off", "on")) {
      QemuGuest.Extra extra =
          new QemuGuest.Extra("", "queues=2", "mq=on,host_mtu=1500,packed=" + ring);
      try (VhostRelay relay = attach(engine, Frontend.QEMU, 2, record);
          LinuxGuest guest = QemuGuest.vhostUser(config(), relay.path(), extra)) {
        live(guest);
      }
    }
  }

  private void uml(Engine engine, FrontendRecord record) throws Exception {
    try (VhostRelay relay = attach(engine, Frontend.UML, 1, record);
        LinuxGuest guest = UmlGuest.vhostUser(config(), relay.path())) {
      live(guest);
    }
  }

  /** Boots, starts its driver again, and is switched off. */
  private static void live(LinuxGuest guest) throws InterruptedException {
    guest.awaitReady();
    guest.run(
        "cd /sys/bus/virtio/drivers/virtio_net && echo virtio0 >unbind && echo virtio0 >bind");
    guest.run("ip link set eth0 up");
    guest.background("sleep 0.5; poweroff -f", "/dev/null");
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (guest.isAlive()) {
      assertTrue(System.nanoTime() < deadline, "the guest does not end");
      Thread.sleep(20);
    }
  }

  private void virtioUser(Engine engine, FrontendRecord record) throws Exception {
    virtioUser(engine, record, 1, "in_order=0,mrg_rxbuf=1", "");
    virtioUser(engine, record, 2, "queues=2,in_order=1,mrg_rxbuf=0", "--rxq=2 --txq=2");
    virtioUser(engine, record, 1, "packed_vq=1,in_order=0,mrg_rxbuf=1", "");
  }

  private void virtioUser(
      Engine engine, FrontendRecord record, int pairs, String device, String application)
      throws Exception {
    Testpmd.Options options =
        Testpmd.Options.DEFAULT.withDevice(device).withApplication(application);
    try (VhostRelay relay = attach(engine, Frontend.VIRTIO_USER, pairs, record);
        Testpmd testpmd = Testpmd.virtioUser(options, relay.path())) {
      testpmd.command("start");
      testpmd.command("stop");
      testpmd.command("port stop 0");
      testpmd.command("port start 0");
      testpmd.command("port stop 0");
      testpmd.command("port close 0");
    }
  }

  /** All that the engine serves. */
  private void ownDriver(Engine engine, FrontendRecord record) throws Exception {
    for (Frontend frontend : Frontend.values()) {
      try (VhostRelay relay = attach(engine, frontend, 2, record)) {
        ownDriver(VhostUserFrontend.connect(relay.path(), PATIENCE));
      }
    }
  }

  private static void ownDriver(VhostUserFrontend vmm) throws IOException {
    GuestOptions options = GuestOptions.DEFAULT.withFeatures(~0L);
    try (VhostUserGuest guest = VhostUserGuest.start("own", options, vmm)) {
      guest.resume(guest.stop());
      vmm.requireReplies(false);
      vmm.setProtocolFeatures(vmm.getProtocolFeatures());
      vmm.getConfig(0, 8);
      vmm.setConfig(0, new byte[1]);
      vmm.getQueueNum();
      vmm.netSetMtu(1500);
      vmm.setVringErr(0, -1);
      vmm.setStatus(1);
      vmm.getStatus();
      if ((guest.driver().features() & VirtioNet.RING_PACKED) == 0) {
        inflight(vmm);
      }
      memorySlots(vmm, guest.driver().memory());
      vmm.resetOwner();
      vmm.resetDevice();
      vmm.getFeatures();
    }
  }

  private static void inflight(VhostUserFrontend vmm) throws IOException {
    VhostUserMessage file = vmm.getInflightFd(2, 256);
    int fd = file.fds()[0];
    try {
      vmm.setInflightFd(file.payload().getLong(), 0, 2, 256, fd);
    } finally {
      FileDescriptors.close(fd);
    }
  }

  private static void memorySlots(VhostUserFrontend vmm, GuestMemory memory) throws IOException {
    vmm.getMaxMemSlots();
    MemoryRegion region = memory.regions().getFirst();
    vmm.remMemReg(region);
    vmm.addMemReg(region);
  }

  private VhostRelay attach(Engine engine, Frontend frontend, int queuePairs, FrontendRecord record)
      throws Exception {
    guests++;
    Path socket = folder.resolve(guests + ".sock");
    engine.attach(
        new GuestSpec(
            "guest" + guests,
            "tenant",
            guests,
            MacAddress.parse(config().mac()),
            List.of(),
            GuestSocket.listen(socket),
            1500,
            Optional.empty(),
            true,
            frontend,
            queuePairs));
    return new VhostRelay(folder.resolve(guests + ".relay"), socket, 0, record);
  }

  private GuestConfig config() {
    return GuestConfig.of(guests);
  }

  private static Map<String, Integer> requests() throws ReflectiveOperationException {
    Map<String, Integer> requests = new LinkedHashMap<>();
    Class<?> type = Class.forName(REQUESTS);
    var code = type.getDeclaredField("code");
    code.setAccessible(true);
    for (Object request : type.getEnumConstants()) {
      requests.put(request.toString(), code.getInt(request));
    }
    return requests;
  }

  private static String byteTest() throws IOException {
    String path = "engine/src/test/java/dev/outboard/engine/" + BYTE_TEST + ".java";
    return Files.readString(Lab.root().resolve(path));
  }

  /** The version, which must be the one that the table tells of. */
  private static String version(String wanted, String... command) throws IOException {
    String output = Processes.run(PATIENCE, List.of(command));
    Matcher matcher = Pattern.compile("\\d+\\.\\d+").matcher(output);
    String version = matcher.find() ? matcher.group() : "unknown";
    assumeTrue(
        version.equals(wanted),
        () -> FILE + " is about " + command[0] + " " + wanted + ", here is " + version);
    return version;
  }
}
