(ns shop.order
  (:require [clojure.string :as str]))

(def limit 20)

;; An order.
(defrecord Order [name prices])

(defn total
  "The total of an order."
  [order & {:keys [taxed]}]
  (let [sum (reduce + (:prices order))]
    (if taxed
      (* 1.19 sum)
      sum)))

(defn- helper [x] (inc x))

(defmulti price :kind)

(defmethod price :line [line]
  (:price line))

(defmacro twice [body]
  `(do ~body ~body))
