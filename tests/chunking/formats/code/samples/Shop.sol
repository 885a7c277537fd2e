// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "./Base.sol";

/// @title An order.
contract Order is Base, Ownable {
    uint256 public total;

    event Paid(address indexed by, uint256 amount);

    error Gone(uint256 id);

    modifier onlyOpen() {
        require(total > 0);
        _;
    }

    constructor(uint256 start) {
        total = start;
    }

    /// Pays it.
    function pay(uint256 amount) external payable onlyOpen returns (bool) {
        if (amount > total) {
            revert Gone(amount);
        }
        total -= amount;
        return true;
    }
}

interface IStore {
    function save(uint256 id) external;
}

library Sums {
    function add(uint256 a, uint256 b) internal pure returns (uint256) {
        return a + b;
    }
}
