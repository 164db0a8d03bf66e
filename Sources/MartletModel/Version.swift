/// Martlet's version. The only place it stands: the wheel's metadata and `_engine.__version__` are taken from here.
public enum Version {
    public static let current = "0.1.0"
}
