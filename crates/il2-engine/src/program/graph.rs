//! All laws of a network as one graph in which equal subexpressions occur once.
//!
//! Nodes are made through constructors that keep a normal form: numbers are folded; a product
//! contains no number (it moves into the coefficient of a sum); a quotient is a product with a
//! reciprocal (so that one division serves every law and every derivative that needs it). Equal
//! nodes are one node, so derivatives share the intermediate results of the laws.

use crate::expression::{Expression, SharedKey, Trigonometric};
use crate::list::code::Function;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Index of a node in its graph; a node comes after everything that it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(pub u32);

/// Something that a node may read, or with respect to which it may be differentiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// Value of a species.
    Species(u32),
    /// Parameter of the lane.
    Parameter(u32),
    /// Time (min).
    Time,
    /// What the earlier stages of a step add to the right-hand side of a species; no law reads it.
    Earlier(u32),
}

/// The operation of a node. Numbers are stored as bits so that nodes can be compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A number.
    Number(u64),
    /// A variable.
    Variable(Variable),
    /// Sum of terms, each a coefficient times a node, in the order of the nodes.
    Sum(Vec<(u64, Node)>),
    /// Product of at least two nodes, beginning with those that change least often.
    Product(Vec<Node>),
    /// One divided by a node.
    Reciprocal(Node),
    /// A node to the power of another.
    Power(Node, Node),
    /// The same inside a derivative; see [`Function::SlopePower`].
    SlopePower(Node, Node),
    /// Exponential.
    Exponential(Node),
    /// Natural logarithm.
    Logarithm(Node),
    /// The same inside a derivative; see [`Function::SlopeLogarithm`].
    SlopeLogarithm(Node),
    /// Sine, cosine or arctangent.
    Trigonometric(Trigonometric, Node),
    /// The smaller of two nodes.
    Minimum(Node, Node),
    /// The larger of two nodes.
    Maximum(Node, Node),
    /// The third node if first >= second, otherwise the fourth.
    Choose([Node; 4]),
}

/// How often a node must be recomputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Never.
    Number,
    /// Once per lane, since it depends only on parameters.
    Lane,
    /// At every evaluation.
    State,
}

/// The graph of all laws.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    operations: Vec<Operation>,
    levels: Vec<Level>,
    /// The variables other than parameters that a node reads, directly or indirectly.
    reads: Vec<BTreeSet<Variable>>,
    known: HashMap<Operation, Node>,
    derivatives: HashMap<(Node, Variable), Node>,
    shared: HashMap<SharedKey, Node>,
}

impl Graph {
    /// The operation of a node.
    pub fn operation(&self, node: Node) -> &Operation {
        &self.operations[node.0 as usize]
    }

    /// The value of a node that depends on parameters only.
    pub fn value(&self, node: Node, parameters: &[f64]) -> f64 {
        let at = |&n: &Node| self.value(n, parameters);
        let function = |function: Function, nodes: &[Node]| {
            let mut arguments = [0.0; 4];
            arguments.iter_mut().zip(nodes).for_each(|(a, n)| *a = at(n));
            function.value(arguments)
        };
        match self.operation(node) {
            Operation::Number(bits) => f64::from_bits(*bits),
            Operation::Variable(Variable::Parameter(p)) => parameters[*p as usize],
            Operation::Variable(_) => f64::NAN,
            Operation::Sum(terms) => terms.iter().map(|(c, n)| f64::from_bits(*c) * at(n)).sum(),
            Operation::Product(factors) => factors.iter().map(at).product(),
            Operation::Reciprocal(a) => 1.0 / at(a),
            Operation::Power(a, b) => function(Function::Power, &[*a, *b]),
            Operation::SlopePower(a, b) => function(Function::SlopePower, &[*a, *b]),
            Operation::SlopeLogarithm(a) => function(Function::SlopeLogarithm, &[*a]),
            Operation::Exponential(a) => function(Function::Exponential, &[*a]),
            Operation::Logarithm(a) => function(Function::Logarithm, &[*a]),
            Operation::Trigonometric(which, a) => function(Function::Trigonometric(*which), &[*a]),
            Operation::Minimum(a, b) => function(Function::Minimum, &[*a, *b]),
            Operation::Maximum(a, b) => function(Function::Maximum, &[*a, *b]),
            Operation::Choose(all) => function(Function::Choose, all),
        }
    }

    /// How often a node must be recomputed.
    pub fn level(&self, node: Node) -> Level {
        self.levels[node.0 as usize]
    }

    /// The variables that a node reads; parameters are included only if derivatives with respect to
    /// them were requested.
    pub fn reads(&self, node: Node) -> &BTreeSet<Variable> {
        &self.reads[node.0 as usize]
    }

    /// The nodes that a node reads directly.
    pub fn inputs(&self, node: Node) -> Vec<Node> {
        match self.operation(node) {
            Operation::Number(_) | Operation::Variable(_) => vec![],
            Operation::Sum(terms) => terms.iter().map(|&(_, n)| n).collect(),
            Operation::Product(factors) => factors.clone(),
            Operation::Reciprocal(a)
            | Operation::Exponential(a)
            | Operation::Logarithm(a)
            | Operation::SlopeLogarithm(a)
            | Operation::Trigonometric(_, a) => vec![*a],
            Operation::Power(a, b)
            | Operation::SlopePower(a, b)
            | Operation::Minimum(a, b)
            | Operation::Maximum(a, b) => vec![*a, *b],
            Operation::Choose(all) => all.to_vec(),
        }
    }

    fn add(&mut self, operation: Operation) -> Node {
        if let Some(value) = self.folded(&operation) {
            return self.number(value);
        }
        if let Some(&node) = self.known.get(&operation) {
            return node;
        }
        let node = Node(self.operations.len() as u32);
        self.operations.push(operation.clone());
        let inputs = self.inputs(node);
        let level = match &operation {
            Operation::Number(_) => Level::Number,
            Operation::Variable(Variable::Parameter(_)) => Level::Lane,
            Operation::Variable(_) => Level::State,
            _ => inputs.iter().map(|&n| self.level(n)).max().unwrap_or(Level::Number),
        };
        let mut reads: BTreeSet<Variable> =
            inputs.iter().flat_map(|&n| self.reads(n).iter().copied()).collect();
        if let Operation::Variable(variable) = operation {
            reads.insert(variable);
        }
        self.levels.push(level);
        self.reads.push(reads);
        self.known.insert(operation, node);
        node
    }

    /// The value of an operation on numbers only.
    fn folded(&self, operation: &Operation) -> Option<f64> {
        let value = |function: Function, nodes: &[Node]| {
            let mut arguments = [0.0; 4];
            for (argument, &node) in arguments.iter_mut().zip(nodes) {
                *argument = self.as_number(node)?;
            }
            Some(function.value(arguments))
        };
        match *operation {
            Operation::Power(a, b) => value(Function::Power, &[a, b]),
            Operation::SlopePower(a, b) => value(Function::SlopePower, &[a, b]),
            Operation::SlopeLogarithm(a) => value(Function::SlopeLogarithm, &[a]),
            Operation::Exponential(a) => value(Function::Exponential, &[a]),
            Operation::Logarithm(a) => value(Function::Logarithm, &[a]),
            Operation::Trigonometric(which, a) => value(Function::Trigonometric(which), &[a]),
            Operation::Minimum(a, b) => value(Function::Minimum, &[a, b]),
            Operation::Maximum(a, b) => value(Function::Maximum, &[a, b]),
            Operation::Choose(all) => value(Function::Choose, &all),
            _ => None,
        }
    }

    /// A number.
    pub fn number(&mut self, value: f64) -> Node {
        // Zero is stored without a sign, since its sign never matters to a law.
        self.add(Operation::Number(if value == 0.0 { 0.0_f64 } else { value }.to_bits()))
    }

    /// A variable.
    pub fn variable(&mut self, variable: Variable) -> Node {
        self.add(Operation::Variable(variable))
    }

    /// The value of a node that is a number.
    pub fn as_number(&self, node: Node) -> Option<f64> {
        match self.operation(node) {
            Operation::Number(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    /// Whether a node is the number zero.
    pub fn is_zero(&self, node: Node) -> bool {
        self.as_number(node) == Some(0.0)
    }

    /// A node split into a coefficient and a node.
    pub fn scaled(&mut self, node: Node) -> (f64, Node) {
        match self.operation(node) {
            Operation::Number(bits) => (f64::from_bits(*bits), self.number(1.0)),
            Operation::Sum(terms) if terms.len() == 1 => (f64::from_bits(terms[0].0), terms[0].1),
            _ => (1.0, node),
        }
    }

    /// Sum of terms, each a coefficient times a node.
    pub fn sum(&mut self, terms: &[(f64, Node)]) -> Node {
        let mut merged: BTreeMap<Node, f64> = BTreeMap::new();
        for &(coefficient, node) in terms {
            let (own, node) = self.scaled(node);
            *merged.entry(node).or_insert(0.0) += coefficient * own;
        }
        // A coefficient that is not finite is kept, so that the lane notices it.
        merged.retain(|_, coefficient| *coefficient != 0.0);
        let one = self.number(1.0);
        match merged.iter().next() {
            None => self.number(0.0),
            Some((&node, &coefficient)) if merged.len() == 1 && node == one => {
                self.number(coefficient)
            }
            Some((&node, &1.0)) if merged.len() == 1 => node,
            _ => self.add(Operation::Sum(
                merged.into_iter().map(|(node, c)| (c.to_bits(), node)).collect(),
            )),
        }
    }

    /// A slope, plus what earlier stages add to it, as one sum.
    pub fn with_earlier(&mut self, slope: Node, earlier: Node) -> Node {
        let mut terms = vec![(1.0, earlier)];
        match self.operation(slope) {
            Operation::Sum(of) => terms.extend(of.iter().map(|&(c, n)| (f64::from_bits(c), n))),
            _ => terms.push((1.0, slope)),
        }
        self.sum(&terms)
    }

    /// Product of nodes.
    pub fn product(&mut self, factors: &[Node]) -> Node {
        let mut coefficient = 1.0;
        let mut rest = vec![];
        let one = self.number(1.0);
        for &factor in factors {
            let (own, node) = self.scaled(factor);
            coefficient *= own;
            if node != one {
                rest.push(node);
            }
        }
        if coefficient == 0.0 {
            return self.number(0.0);
        }
        rest.sort_by_key(|&n| (self.level(n), n));
        let product = match rest.len() {
            0 => return self.number(coefficient),
            1 => rest[0],
            _ => self.add(Operation::Product(rest)),
        };
        self.sum(&[(coefficient, product)])
    }

    /// One divided by a node.
    pub fn reciprocal(&mut self, node: Node) -> Node {
        let (coefficient, rest) = self.scaled(node);
        if self.as_number(rest) == Some(1.0) {
            return self.number(1.0 / coefficient);
        }
        let reciprocal = self.add(Operation::Reciprocal(rest));
        self.sum(&[(1.0 / coefficient, reciprocal)])
    }

    fn power(&mut self, base: Node, exponent: Node) -> Node {
        // Small whole powers are products, which are exact and a hundred times cheaper.
        match self.as_number(exponent) {
            Some(n) if n.fract() == 0.0 && n.abs() <= 8.0 => {
                let product = self.product(&vec![base; n.abs() as usize]);
                if n < 0.0 { self.reciprocal(product) } else { product }
            }
            _ => self.add(Operation::Power(base, exponent)),
        }
    }

    fn choose(&mut self, [left, right, then, otherwise]: [Node; 4]) -> Node {
        if then == otherwise {
            return then;
        }
        self.add(Operation::Choose([left, right, then, otherwise]))
    }

    /// Adds a law to the graph.
    pub fn law(&mut self, law: &Expression) -> Node {
        match law {
            Expression::Number(v) => self.number(*v),
            Expression::Species(s) => self.variable(Variable::Species(s.0 as u32)),
            Expression::Parameter(p) => self.variable(Variable::Parameter(p.0 as u32)),
            Expression::Time => self.variable(Variable::Time),
            Expression::Sum(terms) => {
                let terms: Vec<_> = terms.iter().map(|e| (1.0, self.law(e))).collect();
                self.sum(&terms)
            }
            Expression::Product(factors) => {
                let factors: Vec<_> = factors.iter().map(|e| self.law(e)).collect();
                self.product(&factors)
            }
            Expression::Quotient(a, b) => {
                let (a, b) = (self.law(a), self.law(b));
                let reciprocal = self.reciprocal(b);
                self.product(&[a, reciprocal])
            }
            Expression::Power(a, b) => {
                let (a, b) = (self.law(a), self.law(b));
                self.power(a, b)
            }
            Expression::Exponential(a) => {
                let a = self.law(a);
                self.add(Operation::Exponential(a))
            }
            Expression::Logarithm(a) => {
                let a = self.law(a);
                self.add(Operation::Logarithm(a))
            }
            Expression::Trigonometric(which, a) => {
                let a = self.law(a);
                self.add(Operation::Trigonometric(*which, a))
            }
            Expression::Minimum(a, b) => {
                let (a, b) = (self.law(a), self.law(b));
                self.add(Operation::Minimum(a, b))
            }
            Expression::Maximum(a, b) => {
                let (a, b) = (self.law(a), self.law(b));
                self.add(Operation::Maximum(a, b))
            }
            Expression::WhereAtLeast { left, right, then, otherwise } => {
                let all = [left, right, then, otherwise].map(|e| self.law(e));
                self.choose(all)
            }
            Expression::Shared(part) => match self.shared.get(&part.key()) {
                Some(known) => *known,
                None => {
                    let node = self.law(part.law());
                    *self.shared.entry(part.key()).or_insert(node)
                }
            },
        }
    }

    /// The non-zero derivatives of a node with respect to the species that it reads.
    pub fn gradient(&mut self, node: Node) -> Vec<(usize, Node)> {
        let species = |v: &Variable| if let Variable::Species(s) = v { Some(*s) } else { None };
        let read: Vec<u32> = self.reads(node).iter().filter_map(species).collect();
        let mut gradient = vec![];
        for s in read {
            let derivative = self.derivative(node, Variable::Species(s));
            if !self.is_zero(derivative) {
                gradient.push((s as usize, derivative));
            }
        }
        gradient
    }

    /// The exact derivative of a node with respect to a variable; for a branch, that of the branch
    /// taken.
    pub fn derivative(&mut self, node: Node, by: Variable) -> Node {
        if !self.reads(node).contains(&by) {
            return self.number(0.0);
        }
        if let Some(&known) = self.derivatives.get(&(node, by)) {
            return known;
        }
        let derivative = match self.operation(node).clone() {
            Operation::Number(_) => self.number(0.0),
            Operation::Variable(_) => self.number(1.0),
            Operation::Sum(terms) => {
                let terms: Vec<_> = terms
                    .iter()
                    .map(|&(c, n)| (f64::from_bits(c), self.derivative(n, by)))
                    .collect();
                self.sum(&terms)
            }
            Operation::Product(factors) => {
                let terms: Vec<_> = (0..factors.len())
                    .map(|i| {
                        let mut product = factors.clone();
                        product[i] = self.derivative(factors[i], by);
                        (1.0, self.product(&product))
                    })
                    .collect();
                self.sum(&terms)
            }
            Operation::Reciprocal(a) => {
                let inner = self.derivative(a, by);
                let product = self.product(&[node, node, inner]);
                self.sum(&[(-1.0, product)])
            }
            Operation::Power(a, n) | Operation::SlopePower(a, n) => {
                // d(a^n) = n a^(n-1) da + a^n ln(a) dn.
                let (da, dn) = (self.derivative(a, by), self.derivative(n, by));
                let one = self.number(1.0);
                let lower = self.sum(&[(1.0, n), (-1.0, one)]);
                let lowered = match self.as_number(lower) {
                    Some(n) if n.fract() == 0.0 => self.power(a, lower),
                    _ => self.add(Operation::SlopePower(a, lower)),
                };
                let base = self.product(&[n, lowered, da]);
                let exponent = if self.is_zero(dn) {
                    dn
                } else {
                    let logarithm = self.add(Operation::SlopeLogarithm(a));
                    self.product(&[node, logarithm, dn])
                };
                self.sum(&[(1.0, base), (1.0, exponent)])
            }
            Operation::Exponential(a) => {
                let inner = self.derivative(a, by);
                self.product(&[node, inner])
            }
            Operation::Logarithm(a) | Operation::SlopeLogarithm(a) => {
                let inner = self.derivative(a, by);
                let reciprocal = self.reciprocal(a);
                self.product(&[reciprocal, inner])
            }
            Operation::Trigonometric(which, a) => {
                let inner = self.derivative(a, by);
                match which {
                    Trigonometric::Sine => {
                        let slope = self.add(Operation::Trigonometric(Trigonometric::Cosine, a));
                        self.product(&[slope, inner])
                    }
                    Trigonometric::Cosine => {
                        let slope = self.add(Operation::Trigonometric(Trigonometric::Sine, a));
                        let product = self.product(&[slope, inner]);
                        self.sum(&[(-1.0, product)])
                    }
                    Trigonometric::Arctangent => {
                        let (one, square) = (self.number(1.0), self.product(&[a, a]));
                        let below = self.sum(&[(1.0, one), (1.0, square)]);
                        let slope = self.reciprocal(below);
                        self.product(&[slope, inner])
                    }
                }
            }
            Operation::Minimum(a, b) => {
                let (da, db) = (self.derivative(a, by), self.derivative(b, by));
                self.choose([b, a, da, db])
            }
            Operation::Maximum(a, b) => {
                let (da, db) = (self.derivative(a, by), self.derivative(b, by));
                self.choose([a, b, da, db])
            }
            Operation::Choose([left, right, then, otherwise]) => {
                let (then, otherwise) = (self.derivative(then, by), self.derivative(otherwise, by));
                self.choose([left, right, then, otherwise])
            }
        };
        self.derivatives.insert((node, by), derivative);
        derivative
    }
}
