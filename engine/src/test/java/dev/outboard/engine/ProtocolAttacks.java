package dev.outboard.engine;

import dev.outboard.guest.vhost.MemoryRegion;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.guest.vhost.VhostUserMessage;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.MemoryFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Messages that break the protocol, on a fresh connection: each ends it, with the reason. */
final class ProtocolAttacks {
  private static final int VERSION = 1;
  private static final int MIB = 1 << 20;

  private ProtocolAttacks() {}

  private interface Lie {
    void tell(VhostUserFrontend vmm) throws IOException;
  }

  private static Lie raw(int request, int flags, int size, long... payload) {
    return vmm -> vmm.channel().sendRaw(message(request, flags, size, payload));
  }

  private static byte[] message(int request, int flags, int size, long... payload) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * payload.length).order(ByteOrder.nativeOrder());
    for (long word : payload) {
      bytes.putLong(word);
    }
    return VhostUserMessage.bytes(request, flags, size, bytes.array());
  }

  private static Lie withFd(int request, int size, long payload, int fds) {
    return vmm -> {
      int fd = EventFd.create();
      int[] all = new int[fds];
      Arrays.fill(all, fd);
      vmm.channel().sendRaw(message(request, VERSION, size, payload), all);
      FileDescriptors.close(fd);
    };
  }

  private static Lie table(MemoryRegion... regions) {
    return vmm -> vmm.setMemTable(List.of(regions));
  }

  private static int file() throws IOException {
    return MemoryFile.create("lie", 4 * MIB);
  }

  private static Attack lie(String name, String reason, Lie lie) {
    return Attack.ends(
        name,
        reason,
        attacker -> {
          VhostUserFrontend vmm = attacker.connect();
          vmm.setOwner();
          lie.tell(vmm);
          if (!vmm.channel().awaitClose()) {
            throw new AssertionError("the connection stays open");
          }
        });
  }

  static Stream<Attack> rows() throws IOException {
    int file = file();
    return Stream.of(
        lie("request 0", "request 0 is not served", raw(0, VERSION, 0)),
        lie("request 4711", "request 4711 is not served", raw(4711, VERSION, 0)),
        lie("version 2", "a message with flags 0x2", raw(1, 2, 0)),
        lie("a reply nobody asked for", "flags 0x5", raw(1, VERSION | 4, 0)),
        lie("a size of 1 GiB", "a message of 1073741824 bytes", raw(2, VERSION, 1 << 30)),
        lie("a negative size", "a message of 4294967295 bytes", raw(2, VERSION, -1)),
        lie("SET_FEATURES cut short", "SET_FEATURES with 0 bytes", raw(2, VERSION, 0)),
        lie("SET_FEATURES too long", "SET_FEATURES with 16 bytes", raw(2, VERSION, 16, 0, 0)),
        lie("features not offered", "features were not offered", raw(2, VERSION, 8, 1L << 38)),
        lie("protocol features not offered", "not offered", raw(16, VERSION, 8, 1L << 40)),
        lie("virtqueue 200", "virtqueue 200, there are ", raw(8, VERSION, 8, 200)),
        lie("virtqueue -1", "virtqueue -1, there are ", raw(8, VERSION, 8, -1)),
        lie("an fd where none is due", "file descriptors it must not", withFd(2, 8, 0, 1)),
        lie("two kick fds", "file descriptors it must not", withFd(12, 8, 0, 2)),
        lie("no kick fd", "flags and file descriptors disagree", raw(12, VERSION, 8, 0)),
        lie(
            "a kick fd that is said not to be there",
            "flags and file descriptors disagree",
            withFd(12, 8, 1 << 8, 1)),
        lie(
            "a kick fd that is a file",
            "a kick fd must be an eventfd",
            vmm -> vmm.setVringKick(0, file)),
        lie(
            "a call fd that is a file",
            "a call fd must be an eventfd, a pipe or a Unix stream socket",
            vmm -> vmm.setVringCall(0, file)),
        lie("a table without regions", "with 0 regions", raw(5, VERSION, 8, 0)),
        lie("a table of 9 regions", "with 9 regions", raw(5, VERSION, 8, 9)),
        lie(
            "a table without files",
            "1 regions with 0 files",
            raw(5, VERSION, 40, 1, 0, MIB, 0, 0)),
        lie(
            "a region larger than its file",
            "memory region at 0x0 is larger than its file",
            table(new MemoryRegion(0, 8 * MIB, 0x10000, 0, file))),
        lie(
            "a region that wraps round",
            "impossible address or size",
            table(new MemoryRegion(-4096, MIB, 0x10000, 0, file))),
        lie(
            "a region of no bytes",
            "impossible address or size",
            table(new MemoryRegion(0, 0, 0x10000, 0, file))),
        lie(
            "regions that overlap",
            "and another overlap",
            table(
                new MemoryRegion(0, MIB, 0x1000000, 0, file),
                new MemoryRegion(MIB - 1, MIB, 0x9000000, 0, file))),
        lie(
            "a file offset that wraps round",
            "impossible file offset",
            table(new MemoryRegion(0, MIB, 0x10000, Long.MAX_VALUE - 5, file))),
        lie(
            "a configuration read beyond its end",
            "GET_CONFIG with an impossible size",
            raw(24, VERSION, 16, 0x0000_0100_0000_0200L, 0)),
        lie(
            "a call fd on the disk",
            "a call fd must be an eventfd, a pipe or a Unix stream socket",
            withFile("/proc/self/exe", (vmm, fd) -> vmm.setVringCall(0, fd))),
        lie(
            "a kick fd that is a device",
            "a kick fd must be an eventfd",
            withFile("/dev/zero", (vmm, fd) -> vmm.setVringKick(0, fd))),
        lie(
            "an error fd that is a device",
            "an error fd must be an eventfd",
            withFile("/dev/zero", (vmm, fd) -> vmm.setVringErr(0, fd))),
        lie(
            "a channel for requests that is a device",
            "must be a Unix stream socket",
            withFile("/dev/zero", VhostUserFrontend::setBackendReqFd)),
        lie(
            "memory that is a device",
            "is not on tmpfs or hugetlbfs",
            withFile(
                "/dev/zero",
                (vmm, fd) -> vmm.setMemTable(List.of(new MemoryRegion(0, MIB, MIB, 0, fd))))),
        lie(
            "memory on the disk",
            "is not on tmpfs or hugetlbfs",
            withFile(
                "/proc/self/exe",
                (vmm, fd) -> vmm.setMemTable(List.of(new MemoryRegion(0, 4096, MIB, 0, fd))))),
        lie(
            "as many descriptors as fit",
            "more file descriptors than a message may carry",
            withFd(1, 0, 0, 60)),
        lie(
            "a second piece of a message that brings descriptors",
            "file descriptors",
            ProtocolAttacks::lateDescriptors));
  }

  /** Does something with a descriptor. */
  private interface Use {
    void with(VhostUserFrontend vmm, int fd) throws IOException;
  }

  private static Lie withFile(String path, Use use) {
    return vmm -> {
      try (RawDescriptor file = RawDescriptor.file(Path.of(path))) {
        use.with(vmm, file.fd());
      }
    };
  }

  private static void lateDescriptors(VhostUserFrontend vmm) throws IOException {
    byte[] whole = message(2, VERSION, 8, 0);
    vmm.channel().sendRaw(Arrays.copyOf(whole, 5));
    int fd = EventFd.create();
    vmm.channel().sendRaw(Arrays.copyOfRange(whole, 5, whole.length), fd);
    FileDescriptors.close(fd);
  }
}
