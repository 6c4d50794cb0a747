package dev.outboard.engine;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes changed copies of our classes into a directory that goes first on the class path of {@link
 * RaceMain}: with {@link RaceProbes} woven in, and if wanted without one of the fences. All else is
 * the product's own code.
 */
final class RaceClasses {
  private static final ClassDesc PROBES = RaceProbes.class.describeConstable().orElseThrow();
  private static final ClassDesc EPOLL = ClassDesc.of("dev.outboard.linux.Epoll");
  private static final ClassDesc FENCES = VarHandle.class.describeConstable().orElseThrow();

  private static final String DEVICE_PUBLISHER = "dev.outboard.engine.worker.LockedReceivers";
  private static final String DEVICE_PATIENCE = "dev.outboard.engine.worker.Patience";
  private static final String DEVICE_SLEEP = "dev.outboard.engine.worker.EpollNotifier";
  private static final String DRIVER_SLEEP = "dev.outboard.guest.VhostUserGuest";

  /** Whose classes deal with a virtqueue of one layout. */
  enum Layout {
    SPLIT("SplitRing", "SplitDriverRing"),
    PACKED("PackedRing", "PackedDriverRing");

    private final String deviceRing;
    private final String driverRing;

    Layout(String deviceRing, String driverRing) {
      this.deviceRing = "dev.outboard.engine.virtqueue." + deviceRing;
      this.driverRing = "dev.outboard.guest." + driverRing;
    }
  }

  /** The fences, and which wake-up is lost without each. */
  enum Fence {
    DEVICE_ARMS("armKick", "kick"),
    DRIVER_PUBLISHES("publish", "kick"),
    DRIVER_ARMS("arm", "call"),
    DEVICE_PUBLISHES("publish", "call");

    private final String method;
    private final String guards;

    Fence(String method, String guards) {
      this.method = method;
      this.guards = guards;
    }

    private String inClass(Layout layout) {
      return switch (this) {
        case DEVICE_ARMS -> layout.deviceRing;
        case DRIVER_PUBLISHES, DRIVER_ARMS -> layout.driverRing;
        case DEVICE_PUBLISHES -> DEVICE_PUBLISHER;
      };
    }

    String guards() {
      return guards;
    }
  }

  private final Path directory;
  private final Layout layout;

  RaceClasses(Path directory, Layout layout) {
    this.directory = directory;
    this.layout = layout;
  }

  /** Weaves the probes in. */
  void probe() throws IOException {
    onReturn(layout.deviceRing, "armKick", "deviceArmed");
    onReturn(layout.driverRing, "arm", "driverArmed");
    replaceAwait(DEVICE_SLEEP, "deviceAwaits");
    replaceAwait(DRIVER_SLEEP, "driverAwaits");
    change(DEVICE_PATIENCE, "rested", new DrawQuietSpell());
  }

  /** Takes a fence out; fails if there is not just one where it should be. */
  void remove(Fence fence) throws IOException {
    int[] found = {0};
    change(
        fence.inClass(layout),
        fence.method,
        (code, element) -> {
          if (calls(element, FENCES, "fullFence")) {
            found[0]++;
          } else {
            code.with(element);
          }
        });
    if (found[0] != 1) {
      throw new IllegalStateException(
          fence.inClass(layout) + "." + fence.method + " has " + found[0] + " full fences");
    }
  }

  private void onReturn(String name, String method, String probe) throws IOException {
    MethodTypeDesc type = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_boolean);
    change(
        name,
        method,
        (code, element) -> {
          if (element instanceof ReturnInstruction back && back.opcode() == Opcode.IRETURN) {
            code.dup().invokestatic(PROBES, probe, type);
          }
          code.with(element);
        });
  }

  private void replaceAwait(String name, String probe) throws IOException {
    MethodTypeDesc type = MethodTypeDesc.of(ConstantDescs.CD_int, EPOLL, ConstantDescs.CD_long);
    change(
        name,
        "await",
        (code, element) -> {
          if (calls(element, EPOLL, "await")) {
            code.invokestatic(PROBES, probe, type);
          } else {
            code.with(element);
          }
        });
  }

  private static boolean calls(CodeElement element, ClassDesc owner, String method) {
    return element instanceof InvokeInstruction call
        && call.owner().matches(owner)
        && call.name().equalsString(method);
  }

  /** {@code nanos = RaceProbes.quietNanos()} is all that is left of the method. */
  private static final class DrawQuietSpell implements CodeTransform {
    @Override
    public void atStart(CodeBuilder code) {
      code.aload(0)
          .invokestatic(PROBES, "quietNanos", MethodTypeDesc.of(ConstantDescs.CD_long))
          .putfield(ClassDesc.of(DEVICE_PATIENCE), "nanos", ConstantDescs.CD_long)
          .return_();
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      // Nothing of the old body stays.
    }
  }

  /** Changes a method in the copy of its class; fails if that leaves everything as it was. */
  private void change(String name, String method, CodeTransform transform) throws IOException {
    Path file = directory.resolve(name.replace('.', '/') + ".class");
    ClassModel old =
        ClassFile.of().parse(Files.exists(file) ? Files.readAllBytes(file) : own(name));
    if (old.methods().stream().noneMatch(m -> m.methodName().equalsString(method))) {
      throw new IllegalStateException("no method " + name + "." + method);
    }
    byte[] changed =
        ClassFile.of()
            .transformClass(
                old,
                ClassTransform.transformingMethodBodies(
                    m -> m.methodName().equalsString(method), transform));
    Files.createDirectories(file.getParent());
    Files.write(file, changed);
  }

  private static byte[] own(String name) throws IOException {
    String resource = "/" + name.replace('.', '/') + ".class";
    try (InputStream in = RaceClasses.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no class " + name);
      }
      return in.readAllBytes();
    }
  }
}
