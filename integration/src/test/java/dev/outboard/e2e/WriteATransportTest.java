package dev.outboard.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.lab.AuthorRepository;
import dev.outboard.lab.GuestConfig;
import dev.outboard.lab.GuidePage;
import dev.outboard.lab.Lab;
import dev.outboard.lab.LinuxGuest;
import dev.outboard.lab.Namespace;
import dev.outboard.lab.QemuGuest;
import dev.outboard.lab.Shell;
import dev.outboard.testing.SideBySide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever follows docs/write-a-transport.md to the letter gets there: in an empty folder, with the
 * installed artifacts alone, a transport that passes the kit and carries the ping of real guests,
 * in daemons that ran before it was there.
 */
@Timeout(240)
@SideBySide
final class WriteATransportTest {
  private static final int MOST_LINES = 250;

  @TempDir private Path directory;

  @BeforeAll
  static void needsGuests() {
    Lab.require();
  }

  @Test
  void theGuideLeadsToAPingOverItsTransport() throws IOException {
    GuidePage guide = new GuidePage("write-a-transport.md");
    Path folder = Files.createDirectory(directory.resolve("udp"));
    guide.writeFiles(folder);
    try (AuthorRepository repository = AuthorRepository.create(directory.resolve("m2"));
        Namespace network = Namespace.create();
        Shell shell = new Shell(folder, Files.createDirectory(directory.resolve("bin")), network)) {
      String options = String.join(" ", repository.options());
      System.out.print(shell.type(guide.commands("build").replace("mvn", "mvn " + options)));
      shell.type(guide.commands("hosts"));
      shell.type(guide.commands("load"));
      ping(guide.commands("guest"), folder.resolve("hosts"));
      String seen = shell.type(guide.commands("look"));
      assertTrue(seen.contains("udp"), seen);
    }
  }

  private static void ping(String command, Path hosts) {
    try (LinuxGuest one = boot(1, hosts.resolve("a/guests/one.sock"));
        LinuxGuest two = boot(2, hosts.resolve("b/guests/two.sock"))) {
      one.awaitReady();
      two.awaitReady();
      one.run(command.strip());
    }
  }

  private static LinuxGuest boot(int number, Path socket) {
    return QemuGuest.vhostUser(GuestConfig.of(number), socket, QemuGuest.Extra.NONE);
  }

  @Test
  void itSaysHowManyLinesAreToBeWritten() throws IOException {
    GuidePage guide = new GuidePage("write-a-transport.md");
    long all = guide.files().values().stream().flatMap(String::lines).count();
    long written =
        guide.files().values().stream()
            .flatMap(String::lines)
            .filter(line -> !line.isBlank() && !line.matches("(import|package) .*"))
            .count();
    Matcher said =
        Pattern.compile("(\\d+) lines to write,\\s.*\\((\\d+) with").matcher(guide.text());
    assertTrue(said.find());
    assertEquals(written + ", " + all, said.group(1) + ", " + said.group(2));
    assertTrue(written < MOST_LINES, written + " lines");
  }
}
