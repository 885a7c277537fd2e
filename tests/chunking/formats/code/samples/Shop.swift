import Foundation

/// An order.
@MainActor
public final class Order: Base, Codable {
    let name: String
    private var lines: [Line] = []

    init(name: String) {
        self.name = name
    }

    /// The total.
    func total(taxed: Bool = false) throws -> Int {
        guard taxed else { return 100 }
        return 119
    }

    deinit {
        print("gone")
    }
}

protocol Store {
    func save(_ order: Order) async
}

extension Order: Equatable {
    static func == (a: Order, b: Order) -> Bool {
        return a.name == b.name
    }
}

struct Line {
    var price = 0
}

enum Side {
    case left, right
}

func main() {
    print(Side.left)
}
